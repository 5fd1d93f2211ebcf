package harness

import (
	"strconv"
)

func etcdFlags(p paths) []string {
	return []string{
		"--data-dir=" + p.dir + "/etcd",
		"--listen-client-url=unix://" + p.etcdSocket,
		"--listen-peer-url=unix://" + p.peerSocket,
	}
}

func apiServerFlags(p paths, port int, o Options) []string {
	flags := []string{
		"--etcd-servers=unix://" + p.etcdSocket,
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--permit-port-sharing",
		// Published as the endpoint of the kubernetes service. Loopback is
		// refused there and the default needs a network: an address that is
		// reserved for documentation (RFC 5737) works everywhere.
		"--advertise-address=192.0.2.1",
		"--cert-dir=" + p.dir,
		"--tls-cert-file=" + p.servingCert,
		"--tls-private-key-file=" + p.servingKey,
		"--client-ca-file=" + p.caCert,
		"--token-auth-file=" + p.tokens,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + p.serviceAccountKey,
		"--service-account-signing-key-file=" + p.serviceAccountKey,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--allow-privileged=true",
	}
	if mode := o.authorizationMode(); mode != "none" {
		flags = append(flags, "--authorization-mode="+mode)
	}
	if o.AuditPolicy != "" {
		flags = append(flags, "--audit-policy-file="+p.auditPolicy, "--audit-log-path="+p.auditLog)
	}
	if o.EncryptionConfig != "" {
		flags = append(flags, "--encryption-provider-config="+p.encryptionConfig)
	}
	return append(flags, o.APIServerFlags...)
}

func controllerManagerFlags(p paths, kubeconfig string, o Options) []string {
	flags := []string{
		"--kubeconfig=" + kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--root-ca-file=" + p.caCert,
		"--service-account-private-key-file=" + p.serviceAccountKey,
		// As kubeadm's clusters: every controller acts as its own service
		// account, which the default roles are bound to.
		"--use-service-account-credentials=true",
	}
	return append(flags, o.ControllerManagerFlags...)
}
