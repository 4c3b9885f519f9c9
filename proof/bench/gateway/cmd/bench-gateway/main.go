// Command bench-gateway measures Quadrille's gateway beside others, from the root of the repository: one core for the gateway, another
// for those who ask and those who are asked.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"quadrille.dev/proof/bench/gateway/contest"
	"quadrille.dev/proof/bench/gateway/shop"
)

// The cores.
const (
	gatewayCore = 0
	othersCore  = 1
)

// What our own gateways are called.
const (
	ours      = "Quadrille"
	ourOracle = "Quadrille, EXECUTOR=gqlgen"
	ourCache  = "Quadrille, entity cache on"
)

// settings are the flags.
type settings struct {
	rounds  int
	each    time.Duration
	steady  time.Duration
	clients int
	share   float64
	only    string
	profile string
}

func main() {
	var s settings
	flag.IntVar(&s.rounds, "rounds", 3, "how many rounds there are, taken by turns")
	flag.DurationVar(&s.each, "each", 3*time.Second, "how long a round is for each gateway and operation")
	flag.DurationVar(&s.steady, "steady", 5*time.Second, "how long a round is at the load that is the same for all")
	flag.IntVar(&s.clients, "clients", 16, "how many clients ask at once, where each asks anew as soon as it is answered")
	flag.Float64Var(&s.share, "share", 0.6, "the load that is the same for all, as a share of what the slowest sustains")
	flag.StringVar(&s.only, "only", "", "who takes part, as parts of names separated by commas; everybody unless given")
	flag.StringVar(&s.profile, "profile", "", "a directory for CPU and allocation profiles of our own gateway, which is all that then runs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := s.run(ctx); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx) // what has failed, has because of that
		}
		slog.Error("bench-gateway", "error", err)
		stop()
		os.Exit(1)
	}
}

func (s settings) run(ctx context.Context) error {
	work, err := filepath.Abs(".bin/bench-gateway")
	if err != nil {
		return err
	}
	if err := build(ctx, work, s.profile != ""); err != nil {
		return err
	}
	peers := contest.Peers{Work: work}
	if peers.Directory, err = filepath.Abs("proof/bench/gateway/peers"); err != nil {
		return err
	}
	if s.withPeers() {
		if err := peers.Install(ctx); err != nil {
			return err
		}
	}
	if err := contest.Pin(ctx, othersCore); err != nil {
		return err
	}
	sold := shop.New()
	b := &bench{settings: s, work: work, peers: peers}
	if b.operations, err = contest.Operations(sold); err != nil {
		return err
	}
	if b.issuer, err = shop.NewIssuer(time.Hour); err != nil {
		return err
	}
	defer b.close()
	if err := b.serve(ctx, sold); err != nil {
		return err
	}
	if s.profile != "" {
		return b.takeProfiles(ctx)
	}
	return b.measure(ctx)
}

func (s settings) withPeers() bool {
	return s.profile == "" && (s.only == "" || slices.ContainsFunc([]string{"Hive", "Apollo", "Grafbase"}, func(peer string) bool { return strings.Contains(s.only, peer) }))
}

// takesPart tells whether a gateway was not left out.
func (s settings) takesPart(g *contest.Gateway) bool {
	return s.only == "" || slices.ContainsFunc(strings.Split(s.only, ","), func(part string) bool { return strings.Contains(g.Name, part) })
}

// build builds the gateway, as it is shipped or with profiles, and the floor.
func build(ctx context.Context, work string, profiles bool) error {
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-o", work + "/"}
	if profiles {
		args = append(args, "-tags", "pprof")
	}
	command := exec.CommandContext(ctx, "go", append(args, "./gateway/cmd/gateway", "./proof/bench/gateway/cmd/floor")...)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return nil
}

// bench is all that runs.
type bench struct {
	settings
	work       string
	peers      contest.Peers
	operations []contest.Operation
	issuer     *shop.Issuer

	contexts, keys *shop.Server
	gateways       []*contest.Gateway
}

// serve starts what gateways ask.
func (b *bench) serve(ctx context.Context, sold *shop.Shop) (err error) {
	if b.contexts, err = shop.Serve(ctx, sold.Contexts()); err != nil {
		return err
	}
	if b.keys, err = shop.Serve(ctx, map[string]http.Handler{"keys": b.issuer}); err != nil {
		return err
	}
	subgraphs := map[string]http.Handler{}
	for name, graph := range sold.Subgraphs() {
		subgraphs[name] = graph
	}
	b.peers.Subgraphs, err = shop.Serve(ctx, subgraphs)
	return err
}

// close ends whatever was started.
func (b *bench) close() {
	for _, g := range b.gateways {
		g.Stop()
	}
	for _, server := range []*shop.Server{b.contexts, b.keys, b.peers.Subgraphs} {
		if server != nil {
			server.Close()
		}
	}
}

// quadrille makes our gateway.
func (b *bench) quadrille(ctx context.Context, name string, environment ...string) (*contest.Gateway, error) {
	return contest.Quadrille(ctx, name, filepath.Join(b.work, "gateway"), b.contexts, b.keys.URLs["keys"], environment...)
}

// enter makes all gateways that ask somebody.
func (b *bench) enter(ctx context.Context) ([]*contest.Gateway, error) {
	var all []*contest.Gateway
	for name, environment := range map[string][]string{
		ours: contest.NoCache, ourOracle: slices.Concat(contest.NoCache, []string{"EXECUTOR=gqlgen"}),
		// Nobody says what changes, as a broker would: what is kept is taken for fresh all the same.
		ourCache: {"CACHE_UNHEARD_FOR=24h"},
	} {
		g, err := b.quadrille(ctx, name, environment...)
		if err != nil {
			return nil, err
		}
		g.Open = name == ours
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b *contest.Gateway) int { return strings.Compare(a.Name, b.Name) })
	if b.withPeers() {
		peers, err := b.peers.All(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, peers...)
	}
	return slices.DeleteFunc(all, func(g *contest.Gateway) bool { return !b.takesPart(g) }), nil
}

func (b *bench) start(ctx context.Context, g *contest.Gateway) error {
	b.logf("starting %s", g.Name)
	b.gateways = append(b.gateways, g)
	return g.Start(ctx, gatewayCore, b.work, b.operations, b.issuer.Token)
}

func (b *bench) logf(format string, a ...any) { fmt.Fprintf(os.Stderr, format+"\n", a...) }

func (b *bench) contest() *contest.Contest {
	return &contest.Contest{
		Gateways: b.gateways, Operations: b.operations, Rounds: b.rounds, Each: b.each, Steady: b.steady, Clients: b.clients, Log: b.logf,
	}
}

// different has each request come with another token.
func (b *bench) different(contest.Operation) func() string { return b.issuer.Token }

// alike has all requests be the same: products are asked for without a token, and orders, which nobody sees without, with one token.
func (b *bench) alike() func(contest.Operation) func() string {
	token := b.issuer.Token()
	return func(o contest.Operation) func() string {
		if o.Name == "browse" {
			return nil
		}
		return func() string { return token }
	}
}

func (b *bench) measure(ctx context.Context) error {
	entrants, err := b.enter(ctx)
	if err != nil {
		return err
	}
	for _, g := range entrants {
		if err := b.start(ctx, g); err != nil {
			return err
		}
	}
	if first := b.gateways[0]; first.Name == ours {
		for _, asks := range []bool{true, false} {
			floor, err := contest.Floor(ctx, filepath.Join(b.work, "floor"), b.work, first, b.operations, asks, b.issuer.Token)
			if err != nil {
				return err
			}
			if err := b.start(ctx, floor); err != nil {
				return err
			}
		}
	}
	c := b.contest()
	if err := c.Warm(ctx, b.different); err != nil {
		return err
	}
	all, err := c.Run(ctx, b.different)
	if err != nil {
		return err
	}
	rates, err := c.SameLoad(ctx, all, b.share, b.different)
	if err != nil {
		return err
	}
	c.Rounds = 1
	alike, err := c.Run(ctx, b.alike())
	if err != nil {
		return err
	}
	b.report(all, rates, alike)
	return nil
}

// upstream is how many requests our gateway may make for each operation.
var upstream = map[string]float64{"browse": 3, "orders": 7}

func (b *bench) report(all []*contest.Figures, rates map[string]float64, alike []*contest.Figures) {
	fmt.Printf("\n%d clients ask, each anew as soon as it is answered, in %d rounds of %s by turns; then at a steady rate that is the same for all, %.0f %% of what the slowest sustains. "+
		"All answers are equal. Each gateway is one process on one core, with as many threads as it takes for one; those who ask and are asked share another. "+
		"RSS is the peak since the start, CPU that of all children too. Nothing is kept of what was read, but where the cache is on.\n", b.clients, b.rounds, b.each, b.share*100)
	fmt.Print("\nWith a different Authorization on each request:\n\n")
	for _, o := range b.operations {
		contest.Table(os.Stdout, all, o.Name, rates[o.Name])
		fmt.Println()
	}
	fmt.Print("All requests alike, products without Authorization and orders with one token:\n\n")
	for _, o := range b.operations {
		contest.Table(os.Stdout, alike, o.Name, 0)
		fmt.Println()
	}
	contest.Aims(os.Stdout, all, ours, upstream)
}

// takeProfiles loads our gateway with each operation in turn, and writes where its time and its memory went.
func (b *bench) takeProfiles(ctx context.Context) error {
	if err := os.MkdirAll(b.profile, 0o755); err != nil {
		return err
	}
	g, err := b.quadrille(ctx, ours, contest.NoCache...)
	if err != nil {
		return err
	}
	profiles, err := g.Profiles(ctx)
	if err != nil {
		return err
	}
	if err := b.start(ctx, g); err != nil {
		return err
	}
	for _, o := range b.operations {
		c := b.contest()
		c.Operations = []contest.Operation{o}
		if err := c.Warm(ctx, b.different); err != nil {
			return err
		}
		path := filepath.Join(b.profile, o.Name)
		f, err := profiles.During(ctx, path, time.Duration(c.Rounds)*c.Each, func() ([]*contest.Figures, error) { return c.Run(ctx, b.different) })
		if err != nil {
			return err
		}
		contest.Table(os.Stdout, f, o.Name, 0)
	}
	return nil
}
