package suite

import (
	"errors"
	"os"
	"testing"

	"github.com/kubectl-secure/kubectl-secure/test/packets/lab"
	"github.com/kubectl-secure/kubectl-secure/test/packets/queue"
)

func TestMain(m *testing.M) {
	os.Exit(lab.Main(m, func(ns *lab.Namespace) error {
		return errors.Join(queue.Load(ns), ns.Run("table inet policies { }", "nft", "-f", "-"))
	}))
}
