package gateway

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// TestDocumentsThatAskForTooMuch has each of the limits, and what goes just under it.
func TestDocumentsThatAskForTooMuch(t *testing.T) {
	w := newWorld(t, "MAX_TOKENS=200", "MAX_DEPTH=6", "MAX_ALIASES=8", "MAX_COST=1000")
	deep := func(n int) string {
		return `{ viewer { customer { orders(first: 1) { nodes { ` + strings.Repeat(`customer { orders(first: 1) { nodes { `, n) + `id` +
			strings.Repeat(` } } }`, n) + ` } } } } }`
	}
	aliases := func(n int) string {
		var fields strings.Builder
		for i := range n {
			fmt.Fprintf(&fields, "a%d: name ", i)
		}
		return `{ viewer { ` + fields.String() + `} }`
	}
	for name, test := range map[string]struct {
		document string
		want     string
	}{
		"deep enough":        {deep(0), ""},
		"too deep":           {deep(1), "6 fields deep"},
		"deep in a fragment": {`{ viewer { ...a } } fragment a on Viewer { customer { ...b } } fragment b on Customer { orders(first: 1) { nodes { customer { orders(first: 1) { totalCount } } } } }`, "6 fields deep"},
		"aliases enough":     {aliases(8), ""},
		"too many aliases":   {aliases(9), "8 aliases"},
		"aliases by fragments": {
			`{ viewer { ...a } x: viewer { ...a } y: viewer { ...a } } fragment a on Viewer { b: name c: name d: name }`, "8 aliases",
		},
		"aliases by fragments of fragments": {
			`{ viewer { ...a ...a } } fragment a on Viewer { ...b ...b } fragment b on Viewer { ...c ...c } fragment c on Viewer { x: name y: name }`, "8 aliases",
		},
		"too many tokens":     {`{ viewer { ` + strings.Repeat("name ", 200) + `} }`, "200 tokens"},
		"a page that is dear": {`{ products(first: 100) { nodes { id } edges { node { id price { amount } availability { available } } } } }`, ""},
		"pages in a page": {
			`{ sagas(first: 20) { nodes { subject { ... on Order { timeline(first: 100) { nodes { id } } } } } } }`, "may cost 1000",
		},
		"pages in a page, by fragments": {
			`{ sagas(first: 20) { ...a } } fragment a on SagaConnection { nodes { subject { ...b } } } fragment b on Order { timeline(first: 100) { nodes { id } } }`,
			"may cost 1000",
		},
		"the schema again and again": {`{ a: __schema { description } b: __schema { description } }`, "may cost 1000"},
		"many nodes":                 {`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { timeline(first: 100) { nodes { id } } } } }`, "may cost 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(olga, test.document, map[string]any{"ids": make([]string, 20)})
			if len(got.Errors) == 0 && test.want == "" {
				return
			}
			if test.want == "" || len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != "COMPLEXITY_LIMIT_EXCEEDED" || !strings.Contains(got.Errors[0].Message, test.want) {
				t.Errorf("%v", got.Errors)
			}
		})
	}
}

// TestTheLimitsLetThroughWhatClientsSend also has the largest pages, and how tools ask for the schema.
func TestTheLimitsLetThroughWhatClientsSend(t *testing.T) {
	w := newWorld(t)
	most := map[string]any{"first": 100, "id": id(3, 1), "by": map[string]any{"sku": sku(1)}}
	for _, name := range []string{"Viewer", "Products", "Product", "Order", "Sagas", "ParkedMessages", "Contexts", "AuditLog"} {
		got := w.ask(olga, document(t, name), most)
		if len(got.Errors) > 0 {
			t.Errorf("%s: %v", name, got.Errors)
		}
		t.Logf("%s costs %v", name, got.Extensions["cost"])
	}
	introspection, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.ask(uuid.Nil, string(introspection), nil); len(got.Errors) > 0 {
		t.Errorf("introspection: %v", got.Errors)
	}
}

func TestOnlyOperatorsAreToldWhatAnOperationCosts(t *testing.T) {
	w := newWorld(t)
	const document = `{ products(first: 7, search: "lamp") { edges { node { price { amount } } } nodes { id } } }`
	// Fields: products, the search's 5, edges, 7 nodes and 7 prices, nodes. Types: Query, the connection, 7 edges with product and price, 7 products.
	want := map[string]any{"cost": map[string]any{"fieldCost": 22.0, "typeCost": 30.0}}
	if diff := cmp.Diff(want, w.ask(olga, document, nil).Extensions); diff != "" {
		t.Errorf("an operator (-want +got):\n%s", diff)
	}
	for _, who := range []uuid.UUID{ada, uuid.Nil} {
		if got := w.ask(who, document, nil); got.Extensions != nil || len(got.Errors) > 0 {
			t.Errorf("somebody else is told %v, %v", got.Extensions, got.Errors)
		}
	}
}

func TestALargeBodyIsRefused(t *testing.T) {
	w := newWorld(t)
	body := `{"query":"{ viewer { id } }","variables":{"x":"` + strings.Repeat("x", 1<<20) + `"}}`
	if got := w.exchange("POST", "/graphql", body, asJSON); got.StatusCode != http.StatusRequestEntityTooLarge || strings.Contains(got.Body, "xxx") {
		t.Errorf("%d %s", got.StatusCode, got.Body)
	}
}

func TestWhoAsksTooOftenIsToldWhenToComeBack(t *testing.T) {
	w := newWorld(t, "RATE_LIMIT=0.01", "RATE_BURST=3", "OPERATOR_RATE_LIMIT=0.01", "OPERATOR_RATE_BURST=4")
	post := func(who uuid.UUID) exchange {
		headers := []string{asJSON}
		if who != uuid.Nil {
			headers = append(headers, "Authorization: Bearer "+w.token(who))
		}
		return w.exchange("POST", "/graphql", `{"query":"{__typename}"}`, headers...)
	}
	for name, principal := range map[string]struct {
		who uuid.UUID
		may int
	}{"ada": {ada, 3}, "grace": {grace, 3}, "olga": {olga, 4}, "an address": {uuid.Nil, 3}} {
		for i := range principal.may {
			if got := post(principal.who); got.StatusCode != http.StatusOK {
				t.Errorf("%s, request %d: %d %s", name, i, got.StatusCode, got.Body)
			}
		}
		got := post(principal.who)
		if after := got.Header.Get("Retry-After"); got.StatusCode != http.StatusTooManyRequests || (after != "100" && after != "99") ||
			!strings.Contains(got.Body, "RATE_LIMITED") {
			t.Errorf("%s, one more: %d, again after %q: %s", name, got.StatusCode, after, got.Body)
		}
	}
	// Whoever has no more operations left has none over a web socket either.
	s := w.dial(w.token(ada))
	if f := s.next(); f.Type != "connection_ack" {
		t.Fatalf("connected: %+v", f)
	}
	s.send(frame{ID: "1", Type: "subscribe", Payload: []byte(`{"query":"{__typename}"}`)})
	if f := s.next(); !strings.Contains(string(f.Payload), "RATE_LIMITED") {
		t.Errorf("over a web socket: %s %s", f.Type, f.Payload)
	}
}

// TestSlowClientsAreCutOff has those that send slowly; those that take slowly are the subscriptions'.
func TestSlowClientsAreCutOff(t *testing.T) {
	w := newWorld(t, "HEADER_WITHIN=100ms", "BODY_WITHIN=100ms", "IDLE_FOR=100ms")
	for name, test := range map[string]struct{ sends, want string }{
		"a header that does not end": {"POST /graphql HTTP/1.1\r\nHost: gateway\r\n", ""},
		"a body that does not come": {
			"POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", "HTTP/1.1 400 Bad Request",
		},
		"chunks that do not come": {
			"POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "HTTP/1.1 400 Bad Request",
		},
		"nothing after an answer": {"GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n", "HTTP/1.1 200 OK"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, test.sends); err != nil {
				t.Fatal(err)
			}
			if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			said, err := io.ReadAll(bufio.NewReader(conn))
			first, _, _ := strings.Cut(string(said), "\r\n")
			if errors.Is(err, os.ErrDeadlineExceeded) || first != test.want {
				t.Errorf("%v, after %q", err, said)
			}
		})
	}
}
