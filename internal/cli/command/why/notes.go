package why

import (
	"fmt"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/access"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
	"github.com/kubectl-secure/kubectl-secure/pkg/report/v1alpha1"
	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// maxOthers is how many further refusals of a log are named.
const maxOthers = 5

// notes are remarks on the answer: what it cannot know, and what else decides.
func (o *Options) notes(x *rbac.Index, plan rbac.Plan, e rbac.Explanation) []string {
	subject := e.Identity.Subject
	version := o.source.ServerVersion(x.Snapshot())
	notes := append(o.messageNotes(e), o.question.VerbNotes()...)
	notes = append(notes, existence(x, plan, subject)...)
	if subject.Kind == "Group" {
		notes = append(notes, "the group is asked about alone: its members may be allowed more, by name or through other groups")
	}
	if e.Allowed() {
		for _, check := range x.LacksSecond(e, rbac.SecondChecks(plan.Request, version), plan.Anywhere) {
			notes = append(notes, fmt.Sprintf("%s; this subject may not %s it", check.Reason, check.Request.Verb))
		}
		return append(notes, rbac.ChainNotes(version)...)
	}
	if plan.Request.Subresource != "" { // another verb may open the same
		notes = append(notes, rbac.RelatedNotes(plan.Request, version)...)
	}
	return append(append(notes, o.noNotes(x, e)...), rbac.ChainNotes(version)...)
}

// existence tells of a subject that nothing in the input knows, and which one
// may be meant.
func existence(x *rbac.Index, plan rbac.Plan, subject rbac.Subject) []string {
	note := ""
	if subject.Kind == "ServiceAccount" {
		if exists, known := x.Exists(subject); !exists && known {
			note = fmt.Sprintf("there is no ServiceAccount %s in namespace %s", subject.Name, subject.Namespace)
		}
	} else if !x.Known(subject) && len(x.Similar(subject)) > 0 {
		note = fmt.Sprintf("%s names %s", access.NoBinding(x, plan.Request.Namespace), v1alpha1.NewSubject(subject).Ref())
	}
	if note == "" {
		return nil
	}
	var similar []string
	for _, other := range x.Similar(subject) {
		similar = append(similar, v1alpha1.NewSubject(other).Ref())
	}
	if len(similar) > 0 {
		note += ": did you mean " + strings.Join(similar, " or ") + "?"
	}
	return []string{note}
}

// noNotes tell why a no of RBAC is not always the cluster's no.
func (o *Options) noNotes(x *rbac.Index, e rbac.Explanation) []string {
	var notes []string
	subject := e.Identity.Subject
	for _, group := range e.Groups {
		if group.Name == rbac.GroupNodes {
			notes = append(notes, "for kubelets the Node authorizer decides beside RBAC: it may allow what belongs to the pods of its node")
		}
	}
	if subject.Kind == "User" && subject.Name != rbac.UserAnonymous && !o.who.Me {
		notes = append(notes, "groups of a user come with its token or certificate: name those that are not known here with --group; members of system:masters are allowed everything")
	}
	if x.Snapshot().Info().Source == snapshot.FromFiles {
		notes = append(notes, "bindings and roles that are not in the input may allow it")
	}
	return notes
}

// messageNotes compare the answer with what the message says.
func (o *Options) messageNotes(e rbac.Explanation) []string {
	if len(o.denials) == 0 {
		return nil
	}
	var notes []string
	d := o.denials[0]
	if e.Allowed() {
		notes = append(notes, "the message says that this was refused, and RBAC allows it now: it was changed since, this is another cluster, or another authorizer refused")
	}
	if d.User == rbac.UserAnonymous {
		notes = append(notes, "system:anonymous is a request without valid credentials: the token or certificate is missing, which is most likely the mistake")
	}
	if d.Reason != "" {
		notes = append(notes, "the message goes on: "+d.Reason)
	}
	var others []string
	for i, other := range o.denials[1:] {
		if i == maxOthers {
			others = append(others, fmt.Sprintf("and %d more", len(o.denials)-1-i))
			break
		}
		others = append(others, describe(other))
	}
	if len(others) > 0 {
		notes = append(notes, "the text has other refusals too: "+strings.Join(others, "; "))
	}
	return notes
}

// describe names a denial in a few words.
func describe(d rbac.Denial) string {
	if d.Kind != rbac.DeniedByAuthorizer {
		return string(d.Kind)
	}
	text := d.User + " " + d.Request.Verb + " " + d.Request.Path
	if d.Request.Path == "" {
		text += d.Request.Resource
		if d.Request.Subresource != "" {
			text += "/" + d.Request.Subresource
		}
	}
	if d.Request.Namespace != "" {
		text += " in " + d.Request.Namespace
	}
	return text
}
