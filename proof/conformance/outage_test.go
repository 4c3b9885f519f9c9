package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
	"quadrille.dev/stack/local/localtest"
)

// operations are what is tried while a context is down, in the order of README's table.
var operations = []string{"Products", "Order", "PlaceOrder", "SignIn"}

// The longest that an operation may take is the gateway's timeout, and what it takes itself on a machine that is busy.
const (
	slowest = 5 * time.Second
	slack   = 1500 * time.Millisecond
)

// everybodyElse is every context that PlaceOrder does without.
var everybodyElse = []string{"pricing", "inventory", "catalog", "customers", "billing", "fulfillment", "chronicle"}

// TestEveryContextMayBeDown takes one context after another away, and holds what still works against README's table. What is kept is read
// again each time, so that the table tells the worst.
func TestEveryContextMayBeDown(t *testing.T) {
	quick := map[string]string{"CALL_RETRY_MAX": "500ms"}
	s := newOutage(t, system.Start(t, localtest.Settings{
		"gateway": {"CACHE_FRESH_FOR": "0s", "CACHE_UNHEARD_FOR": "0s"}, "billing": quick, "fulfillment": quick,
	}))
	promised := promisedRows(t)
	for _, down := range append([]string{"ordering"}, everybodyElse...) {
		t.Run(down, func(t *testing.T) { s.holds(t, promised[down], down) })
	}
	t.Run("all but ordering", func(t *testing.T) { s.holds(t, promised["all but ordering"], everybodyElse...) })
	if len(promised) != 9 {
		t.Errorf("README has %d rows, want 9", len(promised))
	}
	s.AwaitRest(t, patience)
	s.CheckInvariants(t)
}

// TestEveryContextMayHang freezes one context after another: it takes connections and says nothing.
func TestEveryContextMayHang(t *testing.T) {
	s := newOutage(t, system.Start(t, localtest.Settings{"gateway": {"CACHE_FRESH_FOR": "0s", "CACHE_UNHEARD_FOR": "0s"}}))
	promised := promisedRows(t)
	for _, hangs := range []string{"pricing", "inventory", "catalog", "customers", "billing"} {
		t.Run(hangs, func(t *testing.T) {
			if err := s.Pause(hangs); err != nil {
				t.Fatal(err)
			}
			got := s.look(t)
			if err := s.Resume(hangs); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(promised[hangs], got); diff != "" {
				t.Errorf("README's row of %s, and what is seen (-README +seen):\n%s", hangs, diff)
			}
			s.awaitFull(t, time.Minute)
		})
	}
	s.AwaitRest(t, patience)
	s.CheckInvariants(t)
}

// outage is a system with a product, an order and somebody signed in.
type outage struct {
	*system.System
	documents map[string]string
	token     string
	order     string
}

func newOutage(t *testing.T, s *system.System) *outage {
	t.Helper()
	system.Sell(t, s.As(t, system.Olga), "OUTAGE-1", "2.50", 1000)
	ada := s.As(t, system.Ada)
	placed, err := system.Place(t.Context(), ada, system.Wish{SKU: "OUTAGE-1"})
	if err != nil {
		t.Fatal(err)
	}
	// At rest, ordering has long heard of product and price.
	system.Rest(t, ada, placed, patience)
	token, err := ada.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := &outage{System: s, documents: documents(t), token: token, order: placed}
	o.awaitFull(t, patience)
	return o
}

// holds holds a row of README's table against what is seen while some contexts are down. When they are back, so is everything, long before a
// circuit breaker would try again by itself.
func (o *outage) holds(t *testing.T, promised []string, down ...string) {
	for _, name := range down {
		o.Halt(name)
	}
	got := o.look(t)
	if diff := cmp.Diff(promised, got); diff != "" {
		t.Errorf("README's row, and what is seen (-README +seen):\n%s", diff)
	}
	// What is refused at once is as good an answer, and not slower.
	if diff := cmp.Diff(got, o.look(t)); diff != "" {
		t.Errorf("seen, and seen again (-first +again):\n%s", diff)
	}
	for _, name := range down {
		if err := o.Restart(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	o.awaitFull(t, 15*time.Second)
}

func (o *outage) awaitFull(t *testing.T, within time.Duration) {
	t.Helper()
	full := slices.Repeat([]string{"full"}, len(operations))
	system.Await(t, within, "all is full after all are back", func(context.Context) ([]string, bool, error) {
		got := o.look(t)
		return got, slices.Equal(got, full), nil
	})
}

// look runs every operation and tells in README's words how it is answered.
func (o *outage) look(t *testing.T) []string {
	t.Helper()
	variables := map[string]map[string]any{
		"Products":   {"first": 10},
		"Order":      {"id": o.order},
		"PlaceOrder": in(system.Wish{SKU: "OUTAGE-1"}.Input()),
		"SignIn":     in(map[string]any{"email": system.Ada, "password": "quadrille"}),
	}
	seen := make([]string, len(operations))
	for i, name := range operations {
		began := time.Now()
		answer, err := o.ask(t.Context(), name, variables[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if took := time.Since(began); took > slowest+slack {
			t.Errorf("%s took %s", name, took)
		}
		seen[i] = answer.how(t, lowerFirst(name))
	}
	return seen
}

// response is what a client gets.
type response struct {
	Data       map[string]any
	Errors     []client.Error
	Extensions struct{ Degraded []string }
}

func (o *outage) ask(ctx context.Context, operation string, variables map[string]any) (response, error) {
	var answer response
	body, err := json.Marshal(map[string]any{"query": o.documents[operation], "variables": variables})
	if err != nil {
		return answer, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL("gateway")+"/graphql", bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+o.token)
	sent, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer, err
	}
	defer sent.Body.Close()
	return answer, json.NewDecoder(sent.Body).Decode(&answer)
}

// how tells how an operation was answered: "refused", "full", or how it was degraded.
func (r response) how(t *testing.T, root string) string {
	t.Helper()
	answer, _ := r.Data[root].(map[string]any)
	if refused, _ := answer["userErrors"].([]any); len(refused) > 0 {
		t.Errorf("%s: %v", root, refused)
	}
	missing, silent := map[string]bool{}, map[string]bool{}
	for _, failure := range r.Errors {
		if failure.Extensions.Code != "CONTEXT_UNAVAILABLE" || len(failure.Path) == 0 {
			t.Errorf("%s: %+v", root, failure)
			continue
		}
		missing[fmt.Sprint(failure.Path[len(failure.Path)-1])], silent[failure.Extensions.Context] = true, true
	}
	if answer == nil {
		return "refused"
	}
	var words []string
	if stale := slices.DeleteFunc(r.Extensions.Degraded, func(name string) bool { return silent[name] }); len(stale) > 0 {
		words = append(words, "stale from "+strings.Join(stale, ", "))
	}
	if len(missing) > 0 {
		words = append(words, "without "+strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	if placed, _ := answer["order"].(map[string]any); placed["pricedFrom"] == "CACHED" {
		words = append(words, "priced from memory")
	}
	if len(words) == 0 {
		return "full"
	}
	return strings.Join(words, "; ")
}

// promisedRows are README's, by what is down.
func promisedRows(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| down | "+strings.Join(operations, " | ")+" |\n|---|---|---|---|---|\n")
	if !found {
		t.Fatal("README has no table of what works while a context is down")
	}
	rows := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != len(operations)+1 {
			break
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows[cells[0]] = cells[1:]
	}
	return rows
}
