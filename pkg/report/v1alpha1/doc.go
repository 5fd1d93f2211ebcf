// Package v1alpha1 holds the versioned kinds in which every command answers:
// what -o json, yaml, jsonpath and go-template print. Arrays are always
// present, never null; fields are only added within a version.
package v1alpha1
