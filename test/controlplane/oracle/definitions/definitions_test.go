package definitions

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"
	"sigs.k8s.io/yaml"
)

// kind is that of the definitions which the module still has; the others are
// of releases before v0.2.0.
const kind = "ClusterNetworkPolicy"

const documents = "../../../../pkg/netpol/testdata/clusterpolicies/"

// definition validates objects as API servers do: null fields and fields that
// it does not know are dropped first.
type definition struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

func load(t *testing.T) *definition {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/network-policy-api").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "config/crd/experimental/policy.networking.k8s.io_clusternetworkpolicies.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &crd); err != nil {
		t.Fatal(err)
	}
	if crd.Spec.Group != v1alpha2.GroupName || crd.Spec.Names.Kind != kind {
		t.Fatalf("the definition is that of %s.%s", crd.Spec.Names.Kind, crd.Spec.Group)
	}
	var props apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, &props, nil); err != nil {
		t.Fatal(err)
	}
	d := &definition{}
	if d.structural, err = schema.NewStructural(&props); err != nil {
		t.Fatal(err)
	}
	if d.validator, _, err = validation.NewSchemaValidator(&props); err != nil {
		t.Fatal(err)
	}
	d.rules = cel.NewValidator(d.structural, true, celconfig.PerCallLimit)
	return d
}

// refuses returns why, "" where the object is accepted.
func (d *definition) refuses(object map[string]any) string {
	defaulting.PruneNonNullableNullsWithoutDefaults(object, d.structural)
	pruning.Prune(object, d.structural, true)
	errs := validation.ValidateCustomResource(nil, object, d.validator)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, d.structural, object)...)
	if len(errs) == 0 { // rules are for objects that the schema takes
		failed, _ := d.rules.Validate(context.Background(), nil, d.structural, object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, failed...)
	}
	if err := errs.ToAggregate(); err != nil {
		return err.Error()
	}
	return ""
}

// TestDocuments asks about the documents that the engine's own tests are about.
func TestDocuments(t *testing.T) {
	d := load(t)
	for file, accepted := range map[string]bool{"refused.yaml": false, "accepted.yaml": true} {
		text, err := os.ReadFile(documents + file)
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
			var object map[string]any
			if err := utilyaml.Unmarshal(document, &object); err != nil { // with whole numbers
				t.Fatal(err)
			}
			problem, _, err := unstructured.NestedString(object, "metadata", "annotations", "problem")
			if err != nil {
				t.Fatal(err)
			}
			if object["kind"] != kind || strings.HasPrefix(problem, "metadata.") { // of which definitions say nothing
				continue
			}
			asked++
			if why := d.refuses(object); (why == "") != accepted {
				t.Errorf("the definition says %q of\n%s", why, document)
			}
		}
		if asked < 8 {
			t.Errorf("%s: only %d documents", file, asked)
		}
	}
}
