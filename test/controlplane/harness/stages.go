package harness

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The stages in which Apply writes.
const (
	stageDefinitions = iota // what other objects need
	stageOrdinary
	stagePods   // need their service account
	stageLimits // would reject, change or limit the others
	stageCount
)

// Kinds with a treatment of their own, as schema.GroupKind writes them.
const (
	kindNamespace  = "Namespace"
	kindDefinition = "CustomResourceDefinition.apiextensions.k8s.io"
)

func kindOf(u *unstructured.Unstructured) string {
	return u.GroupVersionKind().GroupKind().String()
}

func stageOf(u *unstructured.Unstructured) int {
	switch kindOf(u) {
	case kindNamespace, kindDefinition, "PriorityClass.scheduling.k8s.io", "RuntimeClass.node.k8s.io":
		return stageDefinitions
	case "Pod":
		return stagePods
	case "ResourceQuota", "LimitRange":
		return stageLimits
	}
	switch u.GroupVersionKind().Group {
	case "admissionregistration.k8s.io", "apiregistration.k8s.io":
		return stageLimits
	}
	return stageOrdinary
}

// statusOfServer says whether the API server itself keeps the status of the
// object, so that what a dump says must not be written.
func statusOfServer(u *unstructured.Unstructured) bool {
	kind := kindOf(u)
	return kind == kindNamespace || kind == kindDefinition || u.GroupVersionKind().Group == "apiregistration.k8s.io"
}

// settle waits until new definitions are served and, with controllers, until
// new namespaces have their default ServiceAccount.
func (a *applier) settle(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, u := range objects {
		name := u.GetName()
		var err error
		switch kindOf(u) {
		case kindDefinition:
			err = a.cp.poll(ctx, "custom resource definition "+name+" is served", func(ctx context.Context) error {
				return a.served(ctx, name)
			})
		case kindNamespace:
			if a.cp.controllers {
				err = a.cp.poll(ctx, "namespace "+name+" has its service account", func(ctx context.Context) error {
					return defaultServiceAccounts(ctx, a.typed, name)
				})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// served returns nil once the definition's kind is established and found by
// discovery, which follows a moment later.
func (a *applier) served(ctx context.Context, name string) error {
	resource := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	crd, err := a.client.Resource(resource).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	// Absent and malformed fields read as zero values, which do not match.
	conditions, _, _ := unstructured.NestedSlice(crd.Object, "status", "conditions")
	established := false
	for _, c := range conditions {
		m, ok := c.(map[string]any)
		established = established || ok && m["type"] == "Established" && m["status"] == "True"
	}
	if !established {
		return fmt.Errorf("it is not established, conditions %v", conditions)
	}
	group, _, _ := unstructured.NestedString(crd.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind")
	if _, err := a.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind}); err == nil {
		return nil
	}
	if err := a.discover(); err != nil {
		return err
	}
	_, err = a.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
	return err
}
