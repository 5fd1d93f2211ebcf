# Everything a developer or a build machine does, one target each. Development
# tools come from tools/go.mod in the versions that are pinned there.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where test results go, one file of `go test -json` events a lane.
RESULTS ?= $(CURDIR)/.testout
TOOL := go tool -modfile=$(CURDIR)/tools/go.mod
GOTESTSUM := $(TOOL) gotestsum --format=pkgname-and-test-fails --hide-summary=skipped
LINT := $(TOOL) golangci-lint
CONTROLPLANE := test/controlplane
NETPOL := test/netpol
PACKETS := test/packets
# Nested modules whose code is checked like the product's. The control plane's
# program is vetted only: linters would load the whole of Kubernetes for three files.
LINTED := $(CONTROLPLANE) $(NETPOL) $(PACKETS) tools/kubectl
NESTED := $(LINTED) $(CONTROLPLANE)/cmd/controlplane
# Packages with goroutines, and the whole program that runs them.
RACE := ./pkg/snapshot/... ./internal/...
FUZZTIME ?= 5m

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-13s %s\n", $$1, $$2}'

.PHONY: build
build: ## Build bin/kubectl-secure for this machine
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.commit=$$(git rev-parse HEAD)" -o bin/kubectl-secure ./cmd/kubectl-secure

.PHONY: test
test: $(RESULTS) ## Run all tests that need no control plane, the RBAC oracle included
	code=0; \
	$(GOTESTSUM) --jsonfile=$(RESULTS)/test.json -- -timeout=15m ./... || code=1; \
	(cd $(CONTROLPLANE) && $(GOTESTSUM) --jsonfile=$(RESULTS)/oracle.json -- -timeout=15m ./oracle/...) || code=1; \
	exit $$code

.PHONY: netpol-oracle
netpol-oracle: $(RESULTS) ## Compare the network engine with other implementations
	cd $(NETPOL) && $(GOTESTSUM) --jsonfile=$(RESULTS)/netpol-oracle.json -- -timeout=15m ./...

# What the kernel does is no input that go test could know of: it runs each time.
.PHONY: packets
packets: $(RESULTS) ## Hold the network engine against real packets (Linux with iptables, nft)
	cd $(PACKETS) && $(GOTESTSUM) --jsonfile=$(RESULTS)/packets.json -- -count=1 -timeout=15m ./...
	@sed -n 's/.*"Output":" *[a-z_]*\.go:[0-9]*: \(.* probes.*\)\\n".*/\1/p' $(RESULTS)/packets.json

.PHONY: race
race: $(RESULTS) ## Run the tests of concurrent code under the race detector
	CGO_ENABLED=1 $(GOTESTSUM) --jsonfile=$(RESULTS)/race.json -- -race -timeout=20m $(RACE)

.PHONY: e2e
e2e: $(RESULTS) ## Test the program on the real API server (first build: about 10 minutes)
	cd $(CONTROLPLANE) && $(GOTESTSUM) --jsonfile=$(RESULTS)/e2e.json -- -timeout=40m $$(go list ./... | grep -v '/oracle\b')

.PHONY: krew-test
krew-test: $(RESULTS) ## Install, run and complete the plugin with the real krew and kubectl
	go run ./hack/krewtest -json $(RESULTS)/krew-test.json

.PHONY: fmt
fmt: ## Format all Go code
	$(LINT) fmt ./...
	for dir in $(NESTED); do (cd $$dir && $(LINT) fmt --config=$(CURDIR)/.golangci.yml ./...); done

.PHONY: lint
lint: ## Run the linters on the product and on the nested modules
	$(LINT) run --allow-serial-runners ./...
	for dir in $(LINTED); do (cd $$dir && $(LINT) run --allow-serial-runners --config=$(CURDIR)/.golangci.yml ./...); done

.PHONY: golden
golden: ## Rewrite the golden files from what the code prints now; read the diff
	go test $$(git ls-files -co --exclude-standard '*_test.go' | grep -v ^test/ | xargs grep -l 'flag.Bool("update"' | xargs -n1 dirname | sort -u | sed 's,^,./,') -update

.PHONY: generate
generate: ## Write the generated documentation and tables anew
	go run ./hack/gendocs
	go run ./hack/pictures
	cd $(CONTROLPLANE) && go run ./cmd/gentables

.PHONY: verify
verify: verify-tidy verify-structure verify-vet lint verify-docs ## Check all that is no test: modules, structure, vet, format and lint, documentation

.PHONY: verify-tidy
verify-tidy:
	for mod in $$(git ls-files go.mod '*/go.mod'); do (cd $$(dirname $$mod) && go mod tidy -diff); done

.PHONY: verify-structure
verify-structure:
	go run ./hack/verify

# The product has to compile on three systems; the nested modules on this one.
.PHONY: verify-vet
verify-vet:
	for os in linux windows darwin; do GOOS=$$os CGO_ENABLED=0 go vet ./...; done
	for dir in $(NESTED); do (cd $$dir && go vet ./...); done

# What make would write is what is there: compared through a copy of git's
# view, so that other uncommitted changes do not count.
.PHONY: verify-docs
verify-docs:
	before=$$(mktemp) && after=$$(mktemp) && trap 'rm -f '$$before' '$$after EXIT; \
	state() { git diff; git ls-files -o --exclude-standard docs; }; \
	state > $$before; go run ./hack/gendocs; state > $$after; \
	diff -u $$before $$after || { echo 'error: generated documentation is out of date' >&2; echo 'help: run make generate and commit the result' >&2; exit 1; }
	go run ./hack/pictures -check
	cd $(CONTROLPLANE) && go run ./oracle/correctness

.PHONY: dist
dist: ## Make the release archives and the manifest in dist/ (VERSION=v1.2.3, PUBLISH=1)
	go run ./hack/dist $(if $(VERSION),-version $(VERSION)) $(if $(PUBLISH),-publish)

.PHONY: bench
bench: ## Measure the promises of docs/performance.md
	go run ./hack/bench

.PHONY: nightly
nightly: ## Fuzz every target for FUZZTIME, try the kept faults and more packets, look for known vulnerabilities
	for dir in . $(CONTROLPLANE) $(NETPOL) $(PACKETS); do (cd $$dir; \
	  for pkg in $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do \
	    for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	      echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
	    done; \
	  done); \
	done
	cd $(CONTROLPLANE) && go run ./oracle/mutants && go run ./oracle/mutants -of netpol
	cd $(PACKETS) && PACKET_SEED=$$(date +%Y%m%d) PACKET_ROUNDS=500 go test -count=1 -timeout=30m -run '^TestRandom$$' -v ./suite
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

$(RESULTS):
	mkdir -p $@
