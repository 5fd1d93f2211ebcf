package tables

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	discoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// group makes a group; each version is its name followed by its resources.
func group(name string, versions ...[]string) discoveryv2.APIGroupDiscovery {
	g := discoveryv2.APIGroupDiscovery{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, v := range versions {
		vd := discoveryv2.APIVersionDiscovery{Version: v[0]}
		for _, r := range v[1:] {
			vd.Resources = append(vd.Resources, discoveryv2.APIResourceDiscovery{Resource: r})
		}
		g.Versions = append(g.Versions, vd)
	}
	return g
}

func TestBuiltin(t *testing.T) {
	t.Parallel()
	type groups = []discoveryv2.APIGroupDiscovery
	tests := []struct {
		name    string
		on, all groups
		want    []string
	}{
		{
			name: "the first version of a group wins",
			on:   groups{group("a", []string{"v2", "x"}, []string{"v1", "x", "y"})},
			all:  groups{group("a", []string{"v2", "x"}, []string{"v1", "x", "y"})},
			want: []string{"a/v2 x on", "a/v1 y on"},
		},
		{
			name: "a version that is on wins over one that is off",
			on:   groups{group("a", []string{"v1", "x"})},
			all:  groups{group("a", []string{"v2", "x"}, []string{"v1", "x"})},
			want: []string{"a/v1 x on"},
		},
		{
			name: "what is off keeps its place",
			on:   groups{group("a", []string{"v1", "x"}), group("c", []string{"v1", "z"})},
			all:  groups{group("a", []string{"v1", "x"}, []string{"v1beta1", "w"}), group("b", []string{"v1alpha1", "y"}), group("c", []string{"v1", "z"})},
			want: []string{"a/v1 x on", "a/v1beta1 w off", "b/v1alpha1 y off", "c/v1 z on"},
		},
		{
			name: "the same plural in two groups",
			on:   groups{group("", []string{"v1", "events"}), group("events.k8s.io", []string{"v1", "events"})},
			all:  groups{group("", []string{"v1", "events"}), group("events.k8s.io", []string{"v1", "events"})},
			want: []string{"/v1 events on", "events.k8s.io/v1 events on"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range builtin(tt.on, tt.all) {
				state := "on"
				if r.defaultOff {
					state = "off"
				}
				got = append(got, fmt.Sprintf("%s/%s %s %s", r.group, r.version, r.Resource, state))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}
