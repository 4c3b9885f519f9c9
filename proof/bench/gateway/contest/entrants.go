package contest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"quadrille.dev/proof/bench/gateway/shop"
)

// NoCache has our gateway keep nothing of what contexts have said.
var NoCache = []string{"CACHE_ENTRIES=0", "CACHE_FRESH_FOR=0s", "CACHE_UNHEARD_FOR=0s"}

// Quadrille is our gateway, as it is deployed but for its limits: nobody is held back, and no broker is there. More of its environment can be given.
func Quadrille(ctx context.Context, name, program string, contexts *shop.Server, keys string, environment ...string) (*Gateway, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	g := &Gateway{Name: name, Command: []string{program}, Address: address, Path: "/graphql", Upstream: contexts}
	g.Environment = []string{
		"LISTEN=" + address, "JWKS_URL=" + keys, "AMQP_URL=amqp://127.0.0.1:1/", "SERVICE_CREDENTIAL=gateway:secret",
		"RATE_LIMIT=0", "OPERATOR_RATE_LIMIT=0", "LOG_LEVEL=ERROR",
	}
	for context, url := range contexts.URLs {
		g.Environment = append(g.Environment, strings.ToUpper(context)+"_URL="+url)
	}
	g.Environment = append(g.Environment, environment...)
	return g, nil
}

// Floor answers bytes that a gateway has answered. It does nothing else, unless it asks before what the gateway asks, which it learns by having
// it answer once more: then it takes what is answered as it comes, and looks at none of it.
func Floor(ctx context.Context, program, work string, of *Gateway, operations []Operation, asks bool, token func() string) (*Gateway, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	g := &Gateway{Name: "net/http, the same bytes", Floor: true, Address: address}
	if asks {
		g.Name, g.Upstream = "net/http, the same requests and bytes", of.Upstream
	}
	directory := filepath.Join(work, g.file(), "answers")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, fmt.Errorf("keep answers: %w", err)
	}
	for _, o := range operations {
		var requests []shop.Request
		if asks {
			if requests, err = of.Upstream.Recorded(func() error { return of.compare(ctx, o, token) }); err != nil {
				return nil, err
			}
		}
		if err := keep(filepath.Join(directory, o.Name), of.Answer(o), requests); err != nil {
			return nil, err
		}
	}
	g.Command = []string{program, address, directory}
	return g, nil
}

func keep(name string, answer []byte, requests []shop.Request) error {
	recorded, err := json.Marshal(requests)
	if err != nil {
		return fmt.Errorf("keep requests: %w", err)
	}
	if err := errors.Join(os.WriteFile(name+".json", answer, 0o644), os.WriteFile(name+".requests", recorded, 0o644)); err != nil {
		return fmt.Errorf("keep answers: %w", err)
	}
	return nil
}

// The peers that there are aims beside.
const (
	hive     = "Hive Gateway"
	grafbase = "Grafbase, development server"
)

// What npm calls them.
const (
	hivePackage     = "@graphql-hive/gateway"
	grafbasePackage = "@grafbase/cli-x86_64-unknown-linux-musl"
)

// Peers are gateways of others over federation subgraphs, as npm has installed them in a directory.
type Peers struct {
	// Directory is where package.json is.
	Directory string
	// Work is where files are written.
	Work      string
	Subgraphs *shop.Server
}

// Install has npm install them, unless it has.
func (p Peers) Install(ctx context.Context) error {
	installed, err := os.Stat(filepath.Join(p.Directory, "node_modules", ".package-lock.json"))
	wanted, wantedErr := os.Stat(filepath.Join(p.Directory, "package-lock.json"))
	if wantedErr != nil {
		return fmt.Errorf("install peers: %w", wantedErr)
	}
	if err == nil && !wanted.ModTime().After(installed.ModTime()) {
		return nil
	}
	// What packages want to run when they are installed is not needed.
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	npm.Dir, npm.Stdout, npm.Stderr = p.Directory, os.Stderr, os.Stderr
	if err := npm.Run(); err != nil {
		return fmt.Errorf("install peers: %w", err)
	}
	return nil
}

// All are all of them, each with a supergraph or its subgraphs to serve.
func (p Peers) All(ctx context.Context) ([]*Gateway, error) {
	supergraph, err := p.compose(ctx)
	if err != nil {
		return nil, err
	}
	versions, err := p.versions()
	if err != nil {
		return nil, err
	}
	var all []*Gateway
	enter := func(name, pkg string, environment []string, command func(address, port string) []string) {
		if err != nil {
			return
		}
		var address string
		if address, err = freeAddress(ctx); err == nil {
			_, port, _ := strings.Cut(address, ":")
			all = append(all, &Gateway{
				Name: name, Version: versions[pkg], Peer: true, Command: command(address, port), Directory: p.Work, Environment: environment,
				Address: address, Path: "/graphql", Upstream: p.Subgraphs, Open: true,
			})
		}
	}
	module := func(path string) string { return filepath.Join(p.Directory, "node_modules", path) }
	command := func(_, port string) []string {
		return []string{
			"node", module(hivePackage + "/dist/bin.js"), "supergraph", supergraph, "--host", "127.0.0.1", "--port", port,
			"--config-path", filepath.Join(p.Directory, "hive.config.js"),
		}
	}
	production := []string{"NODE_ENV=production"}
	enter(hive, hivePackage, production, command)
	enter("Hive Gateway, router runtime", hivePackage, append(production, "HIVE_ROUTER_RUNTIME=true"), command)
	enter("Apollo Gateway", "@apollo/gateway", production, func(_, port string) []string {
		return []string{"node", filepath.Join(p.Directory, "apollo.js"), supergraph, port}
	})
	config, configErr := p.configure()
	if configErr != nil {
		return nil, configErr
	}
	enter(grafbase, grafbasePackage, nil, func(address, _ string) []string {
		return []string{module(grafbasePackage + "/grafbase"), "dev", "--config", config, "--listen-address", address}
	})
	return all, err
}

// versions are those of the packages that npm has installed.
func (p Peers) versions() (map[string]string, error) {
	described, err := os.ReadFile(filepath.Join(p.Directory, "package.json"))
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	var of struct{ Dependencies map[string]string }
	if err := json.Unmarshal(described, &of); err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	return of.Dependencies, nil
}

// compose writes the supergraph.
func (p Peers) compose(ctx context.Context) (string, error) {
	args := []string{filepath.Join(p.Directory, "compose.js")}
	for _, name := range slices.Sorted(maps.Keys(p.Subgraphs.URLs)) {
		args = append(args, name+"="+p.Subgraphs.URLs[name]+"/graphql")
	}
	compose := exec.CommandContext(ctx, "node", args...)
	compose.Stderr = os.Stderr
	supergraph, err := compose.Output()
	if err != nil {
		return "", fmt.Errorf("compose subgraphs: %w", err)
	}
	path := filepath.Join(p.Work, "supergraph.graphql")
	if err := os.WriteFile(path, supergraph, 0o644); err != nil {
		return "", fmt.Errorf("compose subgraphs: %w", err)
	}
	return path, nil
}

// configure writes Grafbase's configuration; it composes by itself.
func (p Peers) configure() (string, error) {
	var config strings.Builder
	config.WriteString("[[headers]]\nrule = \"forward\"\nname = \"authorization\"\n")
	for _, name := range slices.Sorted(maps.Keys(p.Subgraphs.URLs)) {
		url, _ := json.Marshal(p.Subgraphs.URLs[name] + "/graphql")
		path, _ := json.Marshal(filepath.Join(p.Directory, "subgraphs", name+".graphql"))
		fmt.Fprintf(&config, "\n[subgraphs.%s]\nurl = %s\nschema_path = %s\n", name, url, path)
	}
	path := filepath.Join(p.Work, "grafbase.toml")
	if err := os.WriteFile(path, []byte(config.String()), 0o644); err != nil {
		return "", fmt.Errorf("configure grafbase: %w", err)
	}
	return path, nil
}
