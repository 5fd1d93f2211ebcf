package v1alpha1

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-secure/kubectl-secure/pkg/snapshot"
)

// Objects are whole Kubernetes objects.
type Objects []snapshot.Object

// UnmarshalJSON reads objects of any kind, each as *unstructured.Unstructured,
// so that a report can be read back.
func (o *Objects) UnmarshalJSON(data []byte) error {
	var items []*unstructured.Unstructured
	if err := json.Unmarshal(data, &items); err != nil {
		return fmt.Errorf("decode objects: %w", err)
	}
	*o = make(Objects, 0, len(items))
	for _, item := range items {
		*o = append(*o, item)
	}
	return nil
}
