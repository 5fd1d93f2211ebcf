package netpol

import (
	"iter"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// The API groups of entries that are custom resources.
const (
	gatewayGroup = "gateway.networking.k8s.io"
	routeGroup   = "route.openshift.io"
)

// routeKinds are those of Gateway API that attach to a Gateway.
func routeKinds() []string { return []string{"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"} }

// Of the custom resources that entries are made of, only what is read here.
type (
	gateway struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     struct {
			Listeners []listener `json:"listeners"`
		} `json:"spec"`
	}
	listener struct {
		Name          string `json:"name"`
		Port          int32  `json:"port"`
		Protocol      string `json:"protocol"`
		AllowedRoutes struct {
			Namespaces struct {
				From     string                `json:"from"`
				Selector *metav1.LabelSelector `json:"selector"`
			} `json:"namespaces"`
			Kinds []kindName `json:"kinds"`
		} `json:"allowedRoutes"`
	}
	kindName struct {
		Kind string `json:"kind"`
	}
	gatewayRoute struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     struct {
			ParentRefs []objectRef `json:"parentRefs"`
			Hostnames  []string    `json:"hostnames"`
			Rules      []struct {
				BackendRefs []objectRef `json:"backendRefs"`
			} `json:"rules"`
		} `json:"spec"`
	}
	// objectRef is a parentRef or a backendRef.
	objectRef struct {
		Group       *string `json:"group"`
		Kind        *string `json:"kind"`
		Namespace   *string `json:"namespace"`
		Name        string  `json:"name"`
		SectionName string  `json:"sectionName"`
		Port        int32   `json:"port"`
		Weight      *int32  `json:"weight"`
	}
	referenceGrant struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     struct {
			From []struct {
				Group     string `json:"group"`
				Kind      string `json:"kind"`
				Namespace string `json:"namespace"`
			} `json:"from"`
			To []struct {
				Group string `json:"group"`
				Kind  string `json:"kind"`
				Name  string `json:"name"`
			} `json:"to"`
		} `json:"spec"`
	}
	openShiftRoute struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
		Spec     struct {
			Host string `json:"host"`
			Port struct {
				TargetPort intstr.IntOrString `json:"targetPort"`
			} `json:"port"`
			To                routeTarget   `json:"to"`
			AlternateBackends []routeTarget `json:"alternateBackends"`
		} `json:"spec"`
	}
	routeTarget struct {
		Kind   string `json:"kind"`
		Name   string `json:"name"`
		Weight *int32 `json:"weight"`
	}
)

// custom returns the objects of a kind as the type has them. One that is not
// of its form leads nowhere: no controller could read it.
func custom[T any](s *snapshot.Snapshot, group, kind string) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for u := range s.EachCustom(schema.GroupKind{Group: group, Kind: kind}) {
			var object T
			if runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &object) == nil && !yield(&object) {
				return
			}
		}
	}
}

// routeEntries are those of OpenShift's Routes.
// Source: RouteSpec in github.com/openshift/api/route/v1: backends are Services
// of the Route's namespace, and the port is that of their endpoints.
func (c *Cluster) routeEntries() []Entry {
	var found []Entry
	for r := range custom[openShiftRoute](c.snap, routeGroup, "Route") {
		port := EntryPort{OfEndpoint: true, Number: r.Spec.Port.TargetPort.IntVal, Name: r.Spec.Port.TargetPort.StrVal}
		if port.Number == 0 && port.Name == "" {
			port = EntryPort{}
		}
		for _, to := range append([]routeTarget{r.Spec.To}, r.Spec.AlternateBackends...) {
			if to.Kind != "" && to.Kind != "Service" || to.Name == "" || to.Weight != nil && *to.Weight == 0 {
				continue
			}
			found = append(found, Entry{
				Kind: "Route", Namespace: r.Metadata.Namespace, Name: r.Metadata.Name, Host: r.Spec.Host,
				Service: [2]string{r.Metadata.Namespace, to.Name}, Port: port,
			})
		}
	}
	return found
}
