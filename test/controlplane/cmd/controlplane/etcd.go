package main

import (
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// newEtcdCommand runs one embedded etcd member, without fsync:
// its data lives for one test only.
func newEtcdCommand() *cobra.Command {
	var dir, client, peer string
	cmd := &cobra.Command{
		Use:           "etcd",
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := etcdConfig(dir, client, peer)
			if err != nil {
				return err
			}
			server, err := embed.StartEtcd(cfg)
			if err != nil {
				return fmt.Errorf("start etcd: %w", err)
			}
			defer server.Close()
			select {
			case <-server.Server.ReadyNotify():
			case <-time.After(time.Minute):
				server.Server.Stop()
				return fmt.Errorf("etcd was not ready within a minute")
			}
			waitForSignal()
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "data-dir", "", "directory of the member's data")
	cmd.Flags().StringVar(&client, "listen-client-url", "", "URL for clients: loopback or a unix socket")
	cmd.Flags().StringVar(&peer, "listen-peer-url", "", "URL for peers: loopback or a unix socket")
	return cmd
}

func etcdConfig(dir, client, peer string) (*embed.Config, error) {
	clientURL, err := url.Parse(client)
	if err != nil {
		return nil, fmt.Errorf("client URL of etcd: %w", err)
	}
	peerURL, err := url.Parse(peer)
	if err != nil {
		return nil, fmt.Errorf("peer URL of etcd: %w", err)
	}
	cfg := embed.NewConfig()
	cfg.Name = "test"
	cfg.Dir = dir
	cfg.LogLevel = "error"
	cfg.UnsafeNoFsync = true
	cfg.ListenClientUrls = []url.URL{*clientURL}
	cfg.AdvertiseClientUrls = []url.URL{*clientURL}
	cfg.ListenPeerUrls = []url.URL{*peerURL}
	cfg.AdvertisePeerUrls = []url.URL{*peerURL}
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	return cfg, nil
}
