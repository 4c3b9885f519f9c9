package contest

import (
	"bytes"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"quadrille.dev/proof/bench/gateway/shop"
)

// Who is measured is the gateway that ships, over contexts in memory; it has to answer what the peers' subgraphs tell together. The peers
// themselves are too much to install for a test.
func TestOurGatewayAnswersWhatAllSubgraphsTellTogether(t *testing.T) {
	work := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", work+"/", "./gateway/cmd/gateway", "./proof/bench/gateway/cmd/floor")
	build.Dir = "../../../.."
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	sold := shop.New()
	operations, err := Operations(sold)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := shop.NewIssuer(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	contexts, keys := serve(t, sold.Contexts()), serve(t, map[string]http.Handler{"keys": issuer})
	ours, err := Quadrille(t.Context(), "Quadrille", work+"/gateway", contexts, keys.URLs["keys"], NoCache...)
	if err != nil {
		t.Fatal(err)
	}
	ours.Open = true
	start(t, ours, work, operations, issuer)
	gateways := []*Gateway{ours}
	for _, asks := range []bool{true, false} {
		floor, err := Floor(t.Context(), work+"/floor", work, ours, operations, asks, issuer.Token)
		if err != nil {
			t.Fatal(err)
		}
		start(t, floor, work, operations, issuer)
		gateways = append(gateways, floor)
	}

	c := &Contest{Gateways: gateways, Operations: operations, Rounds: 1, Each: 100 * time.Millisecond, Steady: 100 * time.Millisecond, Clients: 2, Log: t.Logf}
	tokens := func(Operation) func() string { return issuer.Token }
	all, err := c.Run(t.Context(), tokens)
	if err != nil {
		t.Fatal(err)
	}
	rates, err := c.SameLoad(t.Context(), all, 0.5, tokens)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range all {
		took := all[i-i%len(gateways)].Alone
		switch f.Gateway {
		case gateways[0]:
			if took < 3 || took > 9 {
				t.Errorf("%s took %g requests to contexts", f.Operation.Name, took)
			}
		case gateways[1]:
			if f.Alone != took || f.Fanout() != took {
				t.Errorf("the floor of %s takes %g requests and %g of many at once, want %g", f.Operation.Name, f.Alone, f.Fanout(), took)
			}
		default:
			if f.Alone+f.Fanout() > 0 {
				t.Errorf("the floor of %s that asks nobody asks contexts", f.Operation.Name)
			}
		}
	}
	var report bytes.Buffer
	Table(&report, all, "orders", rates["orders"])
	Aims(&report, all, "Quadrille", map[string]float64{"orders": 7})
	if !strings.Contains(report.String(), "| Quadrille |") || strings.Contains(report.String(), "NaN") {
		t.Errorf("report: %s", report.String())
	}
}

func serve(t *testing.T, handlers map[string]http.Handler) *shop.Server {
	t.Helper()
	server, err := shop.Serve(t.Context(), handlers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func start(t *testing.T, g *Gateway, work string, operations []Operation, issuer *shop.Issuer) {
	t.Helper()
	t.Cleanup(g.Stop)
	if err := g.Start(t.Context(), 0, work, operations, issuer.Token); err != nil {
		t.Fatal(err)
	}
}

func TestTimeIsThatOfAProgramAndItsChildren(t *testing.T) {
	tests := map[string]struct {
		stat  string
		ticks int64
	}{
		"a plain name":                {"17 (node) S 1 17 17 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 7 0 1 2 3", 127},
		"a name with spaces and more": {"17 (a ) 5 S) S 1 17 17 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 7 0 1 2 3", 127},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := ticksOf([]byte(test.stat)); err != nil || got != test.ticks {
				t.Errorf("%d ticks, want %d: %v", got, test.ticks, err)
			}
		})
	}
}
