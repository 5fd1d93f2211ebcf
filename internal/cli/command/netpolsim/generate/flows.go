package generate

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/env"
	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/draft"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/generate"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol/observed"
)

// needed are the flows that the policies must allow.
func (o *Options) needed(ctx context.Context, c *netpol.Cluster, d *draft.Drafter) (flows []generate.Flow, notes []string, left []generate.Left, err error) {
	if o.flows == "" {
		today, err := generate.Present(c, d, o.generate.Subjects, o.generate.Directions, o.nodes)
		if err != nil {
			return nil, nil, nil, err
		}
		return today.Flows, o.assumed(today), nil, nil
	}
	log, err := read(ctx, o.env, o.flows)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, p := range log.Problems {
		notes = append(notes, fmt.Sprintf("%s:%d: %s", o.flows, p.Line, p.Detail))
	}
	if n := log.Troubles - len(log.Problems); n > 0 {
		notes = append(notes, fmt.Sprintf("%s: %d more records were not understood", o.flows, n))
	}
	if log.Records == 0 {
		return nil, nil, nil, fault.WithHelp(fault.Usage("%s holds no record of a flow", o.flows), notes[:min(len(notes), maxNoted)]...)
	}
	for _, s := range log.Skipped {
		left = append(left, generate.Left{Reason: string(s.Reason) + " (records of the log)", Flows: int(s.Count)})
	}
	flows, lost := locate(c, o.own, log)
	return flows, notes, append(left, lost...), nil
}

// maxNoted is how many of the lines that are no flow an error shows.
const maxNoted = 3

// assumed are what the policies close of what may be open today.
func (o *Options) assumed(today *generate.Today) []string {
	var notes []string
	if today.Undefined > 0 {
		notes = append(notes, fmt.Sprintf("%s Undefined today, as of pods without an address, and closed by the policies", are(today.Undefined, "flow")))
	}
	if len(today.Free) > 0 && slices.Contains(o.generate.Directions, netpol.Egress) {
		notes = append(notes, fmt.Sprintf("nothing isolates the egress of %s today, and what they send to the outside is not known: the policies close it; "+
			"--flows tells what is needed, --direction ingress leaves it open", names(today.Free)))
	}
	return notes
}

// names lists the first of the workloads.
func names(units []*draft.Unit) string {
	const most = 3
	var list []string
	for i, u := range units {
		if i == most && len(units) > most+1 {
			list = append(list, fmt.Sprintf("%d more", len(units)-i))
			break
		}
		list = append(list, u.String())
	}
	return strings.Join(list, ", ")
}

// read understands the file of flows; "-" is standard input. A pipe that
// nobody writes to blocks, so an interrupt must not wait for it.
func read(ctx context.Context, e *env.Env, file string) (*observed.Log, error) {
	type result struct {
		log *observed.Log
		err error
	}
	done := make(chan result, 1)
	go func() {
		log, err := open(e, file)
		done <- result{log, err}
	}()
	select {
	case r := <-done:
		return r.log, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func open(e *env.Env, file string) (*observed.Log, error) {
	if file == "-" {
		return observed.Parse(e.In, observed.Auto)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fault.Usage("read the flows: %w", err)
	}
	defer f.Close()
	return observed.Parse(f, observed.Auto)
}

// maxLost is how many reasons are named for which flows are not located.
const maxLost = 3

// locate finds the flows of a log in the cluster.
func locate(c *netpol.Cluster, namespace string, log *observed.Log) (flows []generate.Flow, left []generate.Left) {
	locator := observed.NewLocator(c, namespace)
	lost := map[string]map[string]int{}
	lose := func(reason, detail string) {
		if lost[reason] == nil {
			lost[reason] = map[string]int{}
		}
		lost[reason][detail]++
	}
	for _, f := range log.Flows {
		place := locator.Locate(f)
		switch {
		case place.Unknown != "":
			lose("an end is not known", place.Unknown)
		case place.Doubtful != "": // a rule for the address of a pod that is gone would be a hole
			lose("an end may be a pod that is gone", place.Doubtful)
		default:
			for i, one := range place.Flows {
				flow := generate.Flow{From: one.From, To: one.To, Protocol: one.Protocol, Port: one.Port, Family: one.Family}
				if i == 0 { // the others are the same records
					flow.Count = f.Count
				}
				flows = append(flows, flow)
			}
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(lost)) {
		item := generate.Left{Reason: reason}
		for _, detail := range slices.Sorted(maps.Keys(lost[reason])) {
			item.Flows += lost[reason][detail]
			if len(item.Examples) < maxLost {
				item.Examples = append(item.Examples, detail)
			}
		}
		left = append(left, item)
	}
	return flows, left
}
