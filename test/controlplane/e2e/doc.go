// Package e2e tests the real kubectl-secure binary against the real API
// server: nothing between the command line and etcd is replaced.
//
// Most tests share one control plane. Its content, testdata/cluster.yaml, is
// loaded before the first test and no test may change it; a test that writes
// starts a control plane of its own. There are more shared ones, each started
// by the first test that wants it: largeCluster has more objects of every type
// than fit in one page of a list; auditedCluster records every request;
// demoCluster has the demonstration cluster's permissions.
package e2e
