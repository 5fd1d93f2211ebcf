// Package oracle compares the answers of pkg/rbac with those of Kubernetes'
// own code: the RBAC authorizer behind the privileged-group one, the subject
// locator, the request parser and the controller of aggregated ClusterRoles.
// Its tests ask random questions about random clusters that the generator of
// this package makes; the generator shares no code with the engine.
package oracle
