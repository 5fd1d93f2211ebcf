package harness

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Kubeconfig returns the path of a user's kubeconfig file: Admin or one of
// [Options.Users]. Any other name is a mistake in the test and panics.
func (cp *ControlPlane) Kubeconfig(user string) string {
	_ = cp.Token(user) // panics for an unknown user
	return cp.kubeconfigFile("user", user)
}

// KubeconfigObject returns the content of a user's kubeconfig as a copy that
// the test may change, for example to a wrong certificate authority, and write
// with [clientcmd.WriteToFile].
func (cp *ControlPlane) KubeconfigObject(user string) *clientcmdapi.Config {
	return cp.kubeconfig(user, cp.Token(user))
}

// ServiceAccountKubeconfig asks the API server for a token of the
// ServiceAccount, which must exist, and returns the path of a kubeconfig file
// with it. The token is valid for an hour.
func (cp *ControlPlane) ServiceAccountKubeconfig(ctx context.Context, namespace, name string) (string, error) {
	client, err := kubernetes.NewForConfig(cp.Client(Admin))
	if err != nil {
		return "", fmt.Errorf("token of service account %s/%s: %w", namespace, name, err)
	}
	request, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("token of service account %s/%s: %w", namespace, name, err)
	}
	user := "system:serviceaccount:" + namespace + ":" + name
	file := cp.kubeconfigFile("serviceaccount", namespace+"/"+name)
	if err := clientcmd.WriteToFile(*cp.kubeconfig(user, request.Status.Token), file); err != nil {
		return "", fmt.Errorf("write the kubeconfig of service account %s/%s: %w", namespace, name, err)
	}
	return file, nil
}

func (cp *ControlPlane) writeKubeconfig(user string) error {
	if err := clientcmd.WriteToFile(*cp.KubeconfigObject(user), cp.Kubeconfig(user)); err != nil {
		return fmt.Errorf("write the kubeconfig of user %q: %w", user, err)
	}
	return nil
}

// kubeconfigFile names a file. User names may hold slashes and anything
// else, and differ in case only, so they are written in hex.
func (cp *ControlPlane) kubeconfigFile(kind, name string) string {
	return filepath.Join(cp.Dir, kind+"-"+hex.EncodeToString([]byte(name))+".kubeconfig")
}

func (cp *ControlPlane) kubeconfig(user, token string) *clientcmdapi.Config {
	const cluster = "controlplane"
	c := clientcmdapi.NewConfig()
	c.Clusters[cluster] = &clientcmdapi.Cluster{Server: cp.URL, CertificateAuthority: cp.CAFile}
	c.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: token}
	c.Contexts[cluster] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: user}
	c.CurrentContext = cluster
	return c
}
