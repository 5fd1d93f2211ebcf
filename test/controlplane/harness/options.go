package harness

// Admin is the user that every control plane has: a member of system:masters,
// whom the API server allows everything.
const Admin = "admin"

// User is somebody who may authenticate with a token. RBAC objects decide
// what they may do.
type User struct {
	// Name is the user name that the API server sees.
	Name string
	// Groups are the groups of the user; the API server adds
	// system:authenticated.
	Groups []string
}

// Options say which control plane to start. The zero value is an API server
// with the Node and RBAC authorizers and the user [Admin].
type Options struct {
	// Users are the users beside Admin.
	Users []User

	// ControllerManager also starts kube-controller-manager. Without it
	// nobody creates default ServiceAccounts, fills aggregated ClusterRoles
	// or finishes the deletion of namespaces.
	ControllerManager bool

	// AuthorizationMode is the API server's --authorization-mode, by default
	// "Node,RBAC". With "none" the flag is not given, so that APIServerFlags
	// may name an --authorization-config.
	AuthorizationMode string

	// AuditPolicy is the text of an audit policy file. If it is not empty the
	// API server writes the events to [ControlPlane.AuditLog].
	AuditPolicy string

	// EncryptionConfig is the text of an EncryptionConfiguration file, for
	// encryption at rest.
	EncryptionConfig string

	// APIServerFlags are further flags of kube-apiserver, such as
	// "--runtime-config=api/all=true". A flag given here wins over the
	// harness's own.
	APIServerFlags []string

	// ControllerManagerFlags are further flags of kube-controller-manager.
	ControllerManagerFlags []string

	// Binary is the control plane program, if the caller has built it
	// already with [Build]. Empty means to build it, which costs nothing but
	// a second when it is up to date.
	Binary string

	// Logf, if set, is told what takes long: the first build.
	Logf func(format string, args ...any)
}

func (o Options) logf(format string, args ...any) {
	if o.Logf != nil {
		o.Logf(format, args...)
	}
}

func (o Options) authorizationMode() string {
	if o.AuthorizationMode == "" {
		return "Node,RBAC"
	}
	return o.AuthorizationMode
}
