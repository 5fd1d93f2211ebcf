package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/test/controlplane/harness"
)

// auditPolicy records every request twice, before it is worked on and after,
// and of Secrets also what was answered.
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: RequestResponse
  resources: [{group: "", resources: [secrets]}]
- level: Metadata
`

// auditEvent is one request that the API server got.
type auditEvent struct {
	AuditID, Stage, Verb, RequestURI string
	User                             struct{ Username string }
	ObjectRef                        *struct{ APIGroup, Resource, Subresource, Namespace, Name string }
	ResponseStatus                   struct{ Code int }
	ResponseObject                   struct{ Kind string }
	Annotations                      map[string]string
}

// String names the request as RBAC sees it: "list roles.rbac.authorization.k8s.io",
// "get configmaps/aws-auth" or "get /version".
func (e auditEvent) String() string {
	if e.ObjectRef == nil {
		path, _, _ := strings.Cut(e.RequestURI, "?")
		return e.Verb + " " + path
	}
	resource := e.ObjectRef.Resource
	if e.ObjectRef.Subresource != "" {
		resource += "/" + e.ObjectRef.Subresource
	}
	out := e.Verb + " " + schema.GroupResource{Group: e.ObjectRef.APIGroup, Resource: resource}.String()
	if e.ObjectRef.Name != "" {
		out += "/" + e.ObjectRef.Name
	}
	return out
}

// auditOf returns the finished requests of a user in their order. Every
// request is in the log before it is answered, and a moment later once more.
func auditOf(t *testing.T, cp *harness.ControlPlane, user string) []auditEvent {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		finished, open, err := readAudit(cp.AuditLog, user)
		if err != nil {
			t.Fatal(err)
		}
		if open == 0 {
			return finished
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d requests of %s are not finished after a minute", open, user)
		}
	}
}

func readAudit(file, user string) (finished []auditEvent, open int, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	// The last line may be half written.
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		var e auditEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", file, err)
		}
		switch {
		case e.User.Username != user:
		case e.Stage == "RequestReceived":
			open++
		default: // one of ResponseComplete and Panic, since nothing is watched
			open--
			finished = append(finished, e)
		}
	}
	return finished, open, lines.Err()
}

// requests returns what was requested, each once, sorted.
func requests(events []auditEvent) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}
