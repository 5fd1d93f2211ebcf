// Package generate makes random clusters with NetworkPolicies, and flows to
// ask about. It shares no code with pkg/netpol and counts what it makes, so
// that tests can tell whether they saw every feature of the API.
package generate
