package network

import (
	"github.com/spf13/pflag"

	"github.com/kubectl-secure/kubectl-secure/internal/cli/fault"
	"github.com/kubectl-secure/kubectl-secure/pkg/netpol"
)

// Flags are those by which commands about flows limit what they ask; a command
// adds the ones that it has.
type Flags struct {
	ports     []string
	family    int
	profile   string
	entryFrom string
}

// AddPorts registers --port.
func (f *Flags) AddPorts(fs *pflag.FlagSet) {
	fs.StringArrayVarP(&f.ports, "port", "p", nil, "`PORT[/PROTOCOL]` of the destination: a number, a range or a name, and TCP, UDP or SCTP (repeatable); or icmp")
}

// AddFamily registers --ip-family.
func (f *Flags) AddFamily(fs *pflag.FlagSet) {
	fs.IntVar(&f.family, "ip-family", 0, "ask about one address family only: 4 or 6")
}

// AddProfile registers --profile.
func (f *Flags) AddProfile(fs *pflag.FlagSet) {
	fs.StringVar(&f.profile, "profile", string(netpol.ProfileCommon), "what decides where the API leaves it to the network: "+ProfileNames())
}

// AddEntryFrom registers --entry-from.
func (f *Flags) AddEntryFrom(fs *pflag.FlagSet) {
	fs.StringVar(&f.entryFrom, "entry-from", "", "`ENDPOINT` that serves the ingress/, gateway/ or route/ in the place of SOURCE: policies see it, not the clients")
}

// Via validates the endpoint of --entry-from; it is the zero value where none
// was typed.
func (f *Flags) Via(namespace string) (netpol.Reference, error) {
	if f.entryFrom == "" {
		return netpol.Reference{}, nil
	}
	ref, err := ParseEndpoint(f.entryFrom, namespace)
	switch {
	case err != nil:
		return ref, fault.WithHelp(fault.Usage("--entry-from: %w", err), fault.Help(err)...)
	case ref.Type == "Service" || ref.IsEntry():
		return ref, fault.Usage("--entry-from: %s sends nothing: name the pods of the controller, as ingress-nginx/deploy/ingress-nginx-controller", ref)
	}
	return ref, nil
}

// Question validates the ports and the family that were typed, and returns a
// question about them.
func (f *Flags) Question() (netpol.Question, error) {
	q := netpol.Question{Family: netpol.Family(f.family)}
	if f.family != 0 && f.family != 4 && f.family != 6 {
		return q, fault.Usage("--ip-family must be 4 or 6")
	}
	for _, typed := range f.ports {
		if err := q.AddPort(typed); err != nil {
			return q, fault.Usage("--port: %w", err)
		}
	}
	return q, nil
}

// Profile validates the profile that was typed.
func (f *Flags) Profile() (netpol.Profile, error) {
	for _, p := range netpol.Profiles() {
		if string(p) == f.profile {
			return p, nil
		}
	}
	return "", fault.Usage("--profile: there is no %q: %s", f.profile, ProfileNames())
}
