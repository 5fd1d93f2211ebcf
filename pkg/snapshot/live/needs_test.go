package live

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

func TestMerge(t *testing.T) {
	need := func(resource, namespace, name string, optional bool) snapshot.Need {
		return snapshot.Need{Type: schema.GroupVersionResource{Version: "v1", Resource: resource}, Namespace: namespace, Name: name, Optional: optional}
	}
	tests := []struct {
		name        string
		needs, want []snapshot.Need
	}{
		{
			name:  "different types stay",
			needs: []snapshot.Need{need("pods", "", "", false), need("secrets", "", "", true)},
			want:  []snapshot.Need{need("pods", "", "", false), need("secrets", "", "", true)},
		},
		{
			name:  "the same twice",
			needs: []snapshot.Need{need("pods", "a", "", true), need("pods", "a", "", false)},
			want:  []snapshot.Need{need("pods", "a", "", false)},
		},
		{
			name:  "all namespaces include one",
			needs: []snapshot.Need{need("pods", "a", "", false), need("pods", "", "", false), need("pods", "b", "web", false)},
			want:  []snapshot.Need{need("pods", "", "", false)},
		},
		{
			name:  "an optional list that a required one is part of",
			needs: []snapshot.Need{need("pods", "", "", true), need("pods", "a", "", false)},
			want:  []snapshot.Need{need("pods", "", "", false)},
		},
		{
			name:  "an optional part of a required list",
			needs: []snapshot.Need{need("pods", "", "", false), need("pods", "a", "", true)},
			want:  []snapshot.Need{need("pods", "", "", false)},
		},
		{
			name:  "two namespaces",
			needs: []snapshot.Need{need("pods", "a", "", false), need("pods", "b", "", false)},
			want:  []snapshot.Need{need("pods", "a", "", false), need("pods", "b", "", false)},
		},
		{
			name:  "a name in all namespaces includes it in one",
			needs: []snapshot.Need{need("pods", "a", "web", false), need("pods", "", "web", false), need("pods", "a", "db", false)},
			want:  []snapshot.Need{need("pods", "", "web", false), need("pods", "a", "db", false)},
		},
		{
			name:  "a part that asks for more",
			needs: []snapshot.Need{need("pods", "a", "", false), widened(need("pods", "a", "", false))},
			want:  []snapshot.Need{widened(need("pods", "a", "", false))},
		},
		{
			name:  "all namespaces need not be asked for wider",
			needs: []snapshot.Need{widened(need("pods", "a", "", false)), need("pods", "", "", false)},
			want:  []snapshot.Need{need("pods", "", "", false)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, merge(tt.needs)); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
		})
	}
}

func widened(n snapshot.Need) snapshot.Need {
	n.Widen = true
	return n
}
