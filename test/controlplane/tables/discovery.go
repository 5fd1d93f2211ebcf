package tables

import (
	"context"
	"encoding/json"
	"fmt"

	discoveryv2 "k8s.io/api/apidiscovery/v2"
	"k8s.io/client-go/kubernetes"
)

// aggregatedDiscovery is the media type of a whole API's discovery in one
// document (KEP-3352).
const aggregatedDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

// discover returns the API groups in the order of their priority, the core
// group first, as kubectl looks at them. The versions of a group, too, come
// in the order of priority, the preferred one first.
func discover(ctx context.Context, client kubernetes.Interface) ([]discoveryv2.APIGroupDiscovery, error) {
	var groups []discoveryv2.APIGroupDiscovery
	for _, path := range []string{"/api", "/apis"} {
		body, err := client.Discovery().RESTClient().Get().AbsPath(path).SetHeader("Accept", aggregatedDiscovery).DoRaw(ctx)
		if err != nil {
			return nil, fmt.Errorf("discovery of %s: %w", path, err)
		}
		var list discoveryv2.APIGroupDiscoveryList
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, fmt.Errorf("discovery of %s: %w", path, err)
		}
		if list.Kind != "APIGroupDiscoveryList" {
			return nil, fmt.Errorf("discovery of %s: got kind %q, want APIGroupDiscoveryList", path, list.Kind)
		}
		for _, g := range list.Items {
			for _, v := range g.Versions {
				if v.Freshness != discoveryv2.DiscoveryFreshnessCurrent {
					return nil, fmt.Errorf("discovery of %s/%s is %s", g.Name, v.Version, v.Freshness)
				}
			}
		}
		groups = append(groups, list.Items...)
	}
	return groups, nil
}
