// Package tables generates the product's static tables from the real API
// server, and its tests compare the committed files with it: what the
// product knows about Kubernetes without asking a cluster is never typed by
// hand.
package tables
