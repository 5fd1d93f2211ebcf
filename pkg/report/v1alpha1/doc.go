// Package v1alpha1 holds the versioned kinds in which every command answers:
// what -o json, yaml, jsonpath and go-template print. Arrays are never null, and
// present unless their field says otherwise (omitempty); fields are only added
// within a version.
package v1alpha1
