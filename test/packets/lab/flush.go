package lab

import (
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Types of messages to netfilter, from linux/netfilter/nfnetlink*.h.
const (
	subsystemConntrack = 1
	messageDelete      = 2
)

// Flush makes the host forget all connections.
func (h *Host) Flush() error {
	conn, err := netlink.Dial(unix.NETLINK_NETFILTER, &netlink.Config{NetNS: h.ns.Fd()})
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Execute(netlink.Message{
		Header: netlink.Header{Type: subsystemConntrack<<8 | messageDelete, Flags: netlink.Request | netlink.Acknowledge},
		Data:   make([]byte, 4), // struct nfgenmsg: of every family
	})
	return err
}
