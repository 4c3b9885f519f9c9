# Quadrille's commands. `make help` lists them.

BIN := $(CURDIR)/.bin
QUADRILLE := $(BIN)/quadrille

BUF_VERSION := v1.75.0
GOLANGCI_LINT_VERSION := v2.15.0
GOFUMPT_VERSION := v0.12.0
BUF := $(BIN)/buf-$(BUF_VERSION)
GOLANGCI_LINT := $(BIN)/golangci-lint-$(GOLANGCI_LINT_VERSION)
GOFUMPT := $(BIN)/gofumpt-$(GOFUMPT_VERSION)

# All modules of the workspace, one directory a line.
MODULES = $(shell sed -n 's/^[[:space:]]*\.\///p' go.work)

# Which tests to run, and how: make test PACKAGES=./services/ordering/... TESTFLAGS=-v
PACKAGES ?= work
TESTFLAGS ?=

.PHONY: help up down reset test fuzz oracle conformance chaos explore mutants bench bench-relay bench-sagas bench-availability bench-live bench-gateway pgo bench-idle bench-spectrum generate contracts release lint format standalone import install screenshots web browser lighthouse FORCE

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

up: install web $(QUADRILLE) ## run everything on this machine until Ctrl-C
	@exec $(QUADRILLE) up

down: $(QUADRILLE) ## stop a stack that runs in another terminal or was left behind
	@$(QUADRILLE) down

reset: $(QUADRILLE) ## stop, and forget all data
	@$(QUADRILLE) reset

# The packages in which allocations are counted, or memory is measured, which the race detector would do too.
ALLOCATING := ./gateway ./gateway/internal/acl ./gateway/internal/edge ./gateway/internal/execute ./gateway/internal/graph ./platform/event ./platform/inbox ./platform/serve

test: browser web $(QUADRILLE) ## run every test, on servers of its own
	@$(QUADRILLE) exec -- go test -race -timeout 30m $(TESTFLAGS) $(PACKAGES)
	@exec $(QUADRILLE) exec -- go test -run Allocat $(ALLOCATING)

conformance: install $(QUADRILLE) ## hold the API of a running system against what specifications and their clients' test suites say
	@exec $(QUADRILLE) exec -- go test -count=1 -v -timeout 10m -run 'TestSystem/Promises/(GraphQL.*)' ./proof/conformance

fuzz: ## send the gateway whatever there is for half a minute
	go test -run NONE -fuzz FuzzRequest -fuzztime 30s -fuzzminimizetime 10x ./gateway

# What `make chaos` and `make oracle` go through; without a SEED it is a new one each time.
SEED ?= $(shell date +%s)
ORDERS ?= 5000
FAULTS ?= 100

chaos: install ## break a whole system by a seeded schedule: make chaos SEED=… ORDERS=… FAULTS=…
	@CHAOS_SEED=$(SEED) CHAOS_ORDERS=$(ORDERS) CHAOS_FAULTS=$(FAULTS) go test -count=1 -v -timeout 3h -run TestNothingIsLost ./proof/chaos

# How many documents: make oracle QUERIES=… SEED=…
QUERIES ?= 100000

oracle: ## hold the executor that plans against gqlgen's, by documents made at random: make oracle QUERIES=… SEED=…
	GOGC=400 QUERIES=$(QUERIES) SEED=$(SEED) go test -count=1 -v -timeout 10h -run TestOracle ./gateway

# How long to walk at random after the exhaustive part: make explore WALK=10m SEED=…
WALK ?= 60s

explore: ## play the sagas through every interleaving, then at random: make explore WALK=… SEED=…
	go run ./proof/explore/cmd/explore -set full -walk $(WALK) -seed $(SEED)

bench: install $(QUADRILLE) ## measure the time from placed to fulfilled, beside its floor, and what pruning costs
	@exec $(QUADRILLE) exec -- go test -run NONE -bench 'Sagas/Alone|Pruning' -benchtime 1x ./proof/bench

# How to measure: make bench-relay BENCHFLAGS='-held 60s'
BENCHFLAGS ?=

bench-relay: install $(QUADRILLE) ## measure the relay, beside a loop from memory and Watermill's forwarder
	@exec $(QUADRILLE) exec -- go test -run NONE -bench Relay -benchtime 1x -timeout 30m ./proof/bench $(BENCHFLAGS)

bench-availability: install $(QUADRILLE) ## count orders that are placed while contexts fail, synchronously and by PlaceOrder, beside the product law
	@exec $(QUADRILLE) exec -- go test -run NONE -bench Availability -benchtime 1x -timeout 30m ./proof/bench $(BENCHFLAGS)

bench-sagas: install $(QUADRILLE) ## measure how many sagas there are in a second, beside the limit of PostgreSQL and RabbitMQ, and what one costs
	@exec $(QUADRILLE) exec -- go test -run NONE -bench Sagas -benchtime 1x -timeout 30m ./proof/bench $(BENCHFLAGS)

bench-live: install $(QUADRILLE) ## measure the time from a fact to its subscribers, and what idle subscriptions cost
	@exec $(QUADRILLE) exec -- go test -run NONE -bench Live -benchtime 1x -timeout 30m ./proof/bench $(BENCHFLAGS)

bench-gateway: ## measure the gateway beside Hive Gateway, Apollo Gateway and Grafbase, which come from npm; make bench-gateway BENCHFLAGS='-only Quadrille,Grafbase'
	@exec go run -trimpath ./proof/bench/gateway/cmd/bench-gateway $(BENCHFLAGS)

pgo: ## profile the gateway at work, for the compiler: gateway/cmd/gateway/default.pgo
	@go run -trimpath ./proof/bench/gateway/cmd/bench-gateway -each 10s -profile $(BIN)/pgo
	go tool pprof -proto $(BIN)/pgo/browse.cpu.pprof $(BIN)/pgo/orders.cpu.pprof > $(BIN)/pgo/default.pgo
	mv $(BIN)/pgo/default.pgo gateway/cmd/gateway/default.pgo

bench-idle: install $(QUADRILLE) ## measure what a system takes that nobody uses, and how soon each of its programs is ready
	@exec $(QUADRILLE) exec -- go test -run NONE -bench '^BenchmarkIdle$$' -benchtime 1x -timeout 30m ./proof/bench $(BENCHFLAGS)

bench-spectrum: install $(QUADRILLE) ## place the same order through each style of coupling, from a shared database to events
	@exec $(QUADRILLE) exec -- go test -run NONE -bench Spectrum -benchtime 1x -timeout 30m ./proof/bench $(BENCHFLAGS)

# Which mutants: make mutants MUTANTSFLAGS='-only hand -context billing -match refund'
MUTANTSFLAGS ?=

mutants: ## break the shipped code in one place at a time, and print who notices, after how many steps; some minutes
	@nice go run -trimpath ./proof/mutants/cmd/mutants $(MUTANTSFLAGS)

# Whose pages: make lighthouse SHOP=…
SHOP ?= http://127.0.0.1:8080

lighthouse: ## hold the storefront of a running stack against Lighthouse, as on a telephone: make lighthouse SHOP=…
	@node web/lighthouse.mjs $(SHOP)

import: $(QUADRILLE) ## trade a file of a real shop: make import FILE=…
	@exec $(QUADRILLE) import $(FILE)

generate: $(BUF) $(QUADRILLE) ## write the generated code again
	$(BUF) generate
	go run -C gateway ./internal/generate
	$(QUADRILLE) deployment deploy
	./stack/web.sh codegen
	$(QUADRILLE) documents gateway/internal/edge/trusted.json gateway/testdata/operations web/*/gql
	$(QUADRILLE) contracts describe .
	go run ./proof/explore/cmd/explore -document .

contracts: $(BUF) $(QUADRILLE) ## describe facts by AsyncAPI, and hold them, RPCs and GraphQL against what was released
	$(QUADRILLE) contracts describe .
	$(QUADRILLE) contracts check .
	$(BUF) breaking schema/rpc --against schema/released/rpc
	./stack/asyncapi.sh

release: contracts ## make the present contracts the released ones, which break nothing that was released before
	$(QUADRILLE) contracts release .

lint: $(GOLANGCI_LINT) $(GOFUMPT) $(BUF) ## check style and boundaries
	$(BUF) lint
	@unformatted=$$($(GOFUMPT) -l $(MODULES)); [ -z "$$unformatted" ] || { echo "not formatted by gofumpt:"; echo "$$unformatted"; exit 1; }
	@for module in $(MODULES); do echo "golangci-lint $$module"; (cd $$module && $(GOLANGCI_LINT) run --allow-parallel-runners ./...) || exit 1; done
	@./stack/web.sh check
	@./stack/promtool.sh
	@./stack/graphql.sh
	@diff=$$(go fix -diff work); [ -z "$$diff" ] || { echo "go fix would change:"; echo "$$diff"; exit 1; }

format: $(GOFUMPT) ## format all Go files
	$(GOFUMPT) -l -w $(MODULES)

standalone: ## build every module by itself, without the workspace, which would hide a wrong go.mod
	@for module in $(MODULES); do echo "GOWORK=off go build $$module"; \
		(cd $$module && export GOWORK=off && go build ./... && \
		if [ -n "$$(go list ./... 2>/dev/null)" ]; then go vet ./...; fi) || exit 1; done

install: ## install PostgreSQL, RabbitMQ, gcc and make if they are missing
	@./stack/install.sh

screenshots: browser web $(QUADRILLE) ## photograph what people see, for the docs; RabbitMQ's console while `make up` runs in another terminal
	SCREENSHOTS=$(CURDIR)/docs/images $(QUADRILLE) exec -- go test -count=1 -v -run TestScreenshots ./proof/browser
	node web/shots/rabbitmq.mjs

browser: ## the same, and Chromium
	@./stack/install.sh chromium

web: ## build the web app if its sources are newer than the build
	@./stack/web.sh

$(QUADRILLE): FORCE
	@CGO_ENABLED=0 go build -trimpath -o $@ ./stack/cmd/quadrille

$(BUF):
	GOBIN=$(BIN)/tmp-buf go install github.com/bufbuild/buf/cmd/buf@$(BUF_VERSION) && mv $(BIN)/tmp-buf/buf $@ && rmdir $(BIN)/tmp-buf

$(GOLANGCI_LINT):
	GOBIN=$(BIN)/tmp-lint go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION) && \
		mv $(BIN)/tmp-lint/golangci-lint $@ && rmdir $(BIN)/tmp-lint

$(GOFUMPT):
	GOBIN=$(BIN)/tmp-gofumpt go install mvdan.cc/gofumpt@$(GOFUMPT_VERSION) && mv $(BIN)/tmp-gofumpt/gofumpt $@ && rmdir $(BIN)/tmp-gofumpt
