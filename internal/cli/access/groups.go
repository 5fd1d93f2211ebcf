package access

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/rbac"
)

// maxGroupsFile is more than the members of any directory: 16 MiB.
const maxGroupsFile = 16 << 20

// AddGroupsFlag adds --groups alone, for commands without a namespace to ask
// in.
func AddGroupsFlag(fs *pflag.FlagSet, file *string) {
	fs.StringVar(file, "groups", "", "`FILE` that names the members of groups: a YAML map of group to list of users")
}

// ReadGroups reads the file of --groups; "" names none. A file that names no
// group is an error: it is mostly one that could not be written.
func ReadGroups(path string) (rbac.Membership, error) {
	if path == "" {
		return nil, nil
	}
	data, err := readLimited(path)
	if err != nil {
		return nil, fault.Usage("--groups: %w", err)
	}
	help := "write it as: oidc:sre: [alice@example.org, bob@example.org]"
	m := rbac.Membership{}
	if err := yaml.UnmarshalStrict(data, &m); err != nil {
		return nil, fault.WithHelp(fmt.Errorf("--groups: %s is not a map of group to list of users: %w", path, err), help)
	}
	if len(m) == 0 {
		return nil, fault.WithHelp(fmt.Errorf("--groups: %s names no group", path), help)
	}
	return m, nil
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxGroupsFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxGroupsFile:
		return nil, fmt.Errorf("%s is larger than %d MiB", path, maxGroupsFile>>20)
	}
	return data, nil
}
