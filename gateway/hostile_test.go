package gateway

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostileBodies are requests made to hurt, each within the size that a body may have.
func hostileBodies() map[string]string {
	query := func(text string) string {
		body, _ := json.Marshal(map[string]any{"query": text}) // a string is always JSON
		return string(body)
	}
	numbered := func(n int, format string) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, format, i)
		}
		return text.String()
	}
	var doubling, chain strings.Builder
	for i := range 100 {
		fmt.Fprintf(&doubling, "fragment f%d on Query { ...f%d ...f%d } ", i, i+1, i+1)
		fmt.Fprintf(&chain, "fragment g%d on Customer { a%d: orders(first: 100) { nodes { customer { ...g%d } } } } ", i, i, i+1)
	}
	return map[string]string{
		"selections in selections":      query(strings.Repeat("{a", 100_000)),
		"as deep as tokens go":          query("query " + strings.Repeat("{ viewer ", 600) + strings.Repeat("}", 600)),
		"lists in lists":                query("{ nodes(ids: " + strings.Repeat("[", 400_000) + ") { id } }"),
		"lists in variables":            `{"query":"query($a: [ID!]!) { nodes(ids: $a) { id } }","variables":{"a":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}}`,
		"lists too deep for JSON":       `{"query":"{ __typename }","variables":{"a":` + strings.Repeat("[", 400_000),
		"many aliases":                  query("{ " + numbered(40_000, "a%d: __typename ") + "}"),
		"many aliases in few tokens":    query("{ " + numbered(450, "a%d: viewer{id} ") + "}"),
		"a fragment of itself":          query("{ ...a } fragment a on Query { ...a }"),
		"fragments of each other":       query("{ ...a } fragment a on Query { viewer { id } ...b } fragment b on Query { ...a }"),
		"fragments of each other, deep": query("{ viewer { customer { ...a } } } fragment a on Customer { orders(first: 1) { nodes { customer { ...b } } } } fragment b on Customer { ...a }"),
		"fragments that double":         query("{ ...f0 } " + doubling.String() + "fragment f100 on Query { viewer { id } }"),
		"fragments of large pages":      query("{ viewer { customer { ...g0 } } } " + chain.String() + "fragment g100 on Customer { id }"),
		"many operations":               query(numbered(600, "query q%d{__typename}")),
		"many variables":                query("query(" + numbered(400, "$a%d: Int ") + ") { __typename }"),
		"many directives":               query("{ __typename " + strings.Repeat("@skip(if: false) ", 300) + "}"),
		"many names for one answer":     query("{ viewer { " + strings.Repeat("a: id a: name a: email ", 200) + "} }"),
		"one name again and again":      query("{ viewer { " + strings.Repeat("id ", 1900) + "} }"),
		"and again in fragments":        query("{ viewer { " + strings.Repeat("...{id} ", 450) + "} }"),
		"the schema in the schema":      query("{ __schema { types { " + strings.Repeat("fields { type { ", 100) + "name" + strings.Repeat(" } }", 100) + " } } }"),
		"a long name":                   query("{ " + strings.Repeat("a", 900_000) + " }"),
		"a long text":                   query(`{ product(by: {sku: "` + strings.Repeat("a", 900_000) + `"}) { id } }`),
		"a long comment":                query("{ nothing } #" + strings.Repeat("a", 900_000)),
		"a large number":                query("{ products(first: " + strings.Repeat("9", 100_000) + ") { totalCount } }"),
		"a number that is too small":    query("{ products(first: -2147483648) { nodes { id } } }"),
		"many ids":                      `{"query":"query($a: [ID!]!) { nodes(ids: $a) { id } }","variables":{"a":["` + strings.Repeat(`","`, 200_000) + `"]}}`,
		"a page of pages of pages":      query("{ sagas(first: 100) { nodes { subject { ... on Order { customer { orders(first: 100) { nodes { timeline(first: 100) { nodes { id } } } } } } } } } }"),
		"a page that nobody can count":  query("{ products(first: 2147483647) { nodes { id } edges { node { id } } } }"),
		"nothing but braces":            strings.Repeat("{", 900_000),
		"a body of spaces":              strings.Repeat(" ", 900_000),
	}
}

// TestQueriesMadeToHurtAreRefusedCheaply sends each several times, as whoever it takes, and looks at what that has cost.
func TestQueriesMadeToHurtAreRefusedCheaply(t *testing.T) {
	const (
		times = 3
		// budget is what a request may have allocated, by client and server, and lasting what may stay after all of them.
		budget, lasting = 64 << 20, 32 << 20
		soon            = 3 * time.Second
	)
	w := newWorld(t)
	headers := []string{asJSON, takesGraphQL, "Authorization: Bearer " + w.token(olga)}
	w.exchange("POST", "/graphql", `{"query":"{__typename}"}`, headers...)
	before, goroutines := heap(), runtime.NumGoroutine()
	for name, body := range hostileBodies() {
		for range times {
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			allocated, begun := memory.TotalAlloc, time.Now()
			got := w.exchange("POST", "/graphql", body, headers...)
			took := time.Since(begun)
			runtime.ReadMemStats(&memory)
			if allocated = memory.TotalAlloc - allocated; allocated > budget || took > soon {
				t.Errorf("%s: %d MB, %s", name, allocated>>20, took)
			}
			if !strings.Contains(got.Body, `"errors"`) || strings.Contains(got.Body, "INTERNAL") || len(got.Body) > 1<<14 {
				t.Errorf("%s: %d %.300s", name, got.StatusCode, got.Body)
			}
		}
	}
	if after := heap(); after > before+lasting {
		t.Errorf("%d MB stay", (after-before)>>20)
	}
	mustSubside(t, goroutines)
	if calls := w.called(); calls["ordering.v1.OrderingService/GetOrders"] > 0 {
		t.Errorf("contexts were asked: %v", calls)
	}
}

// heap is how much is in use.
func heap() uint64 {
	http.DefaultClient.CloseIdleConnections()
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// mustSubside waits until there are no more goroutines than there were, but for those of a few connections; the test's deadline ends it.
func mustSubside(t *testing.T, goroutines int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines+20; {
		http.DefaultClient.CloseIdleConnections()
		runtime.Gosched()
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, and there were %d", runtime.NumGoroutine(), goroutines)
		}
	}
}

// TestDocumentsThatAreKeptAreBounded sends so many valid documents that nobody could keep them all.
func TestDocumentsThatAreKeptAreBounded(t *testing.T) {
	w := newWorld(t, "RATE_LIMIT=0")
	before := heap()
	ids := strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("x", 20)+`",`, 100), ",")
	for i := range 1000 {
		document := fmt.Sprintf("query q%d { nodes(ids: [%s]) { id } }", i, ids)
		if got := w.exchange("POST", "/graphql", request(document, hash(document)), asJSON); got.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", got.StatusCode, got.Body)
		}
	}
	// 1 MB of texts is kept parsed, which takes some twenty times as much; up to 4 MB are kept as they are.
	if after := heap(); after > before+64<<20 {
		t.Errorf("%d MB stay", (after-before)>>20)
	}
}

// TestManySlowClientsKeepNobodyOut has more of them than a machine likes to serve at once.
func TestManySlowClientsKeepNobodyOut(t *testing.T) {
	w := newWorld(t, "HEADER_WITHIN=1s", "BODY_WITHIN=1s", "IDLE_FOR=1s")
	w.exchange("GET", "/graphql?query={__typename}", "")
	goroutines := runtime.NumGoroutine()
	var slow []net.Conn
	for i := range 300 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begin := "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
		if i%2 == 0 {
			begin += "Content-Length: 1000000\r\n\r\n{"
		}
		if _, err := io.WriteString(conn, begin); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, conn)
	}
	if got := w.exchange("GET", "/graphql?query={__typename}", ""); got.StatusCode != http.StatusOK {
		t.Errorf("meanwhile: %d", got.StatusCode)
	}
	for _, conn := range slow {
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Fatal("a slow client is not cut off")
		}
	}
	mustSubside(t, goroutines)
}

// TestAClientThatGoesAwayBetweenPartsLeavesNothingBehind goes away while a context that it waits for hangs.
func TestAClientThatGoesAwayBetweenPartsLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	hang := w.hang("billing")
	token := w.token(ada)
	w.exchange("GET", "/graphql?query={__typename}", "")
	goroutines := runtime.NumGoroutine()
	body, err := json.Marshal(map[string]any{"query": deferring, "variables": map[string]any{"id": id(3, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	for range 30 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nAccept: multipart/mixed\r\n"+
			"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(conn)
		for lines.Scan() && !strings.Contains(lines.Text(), `"hasNext":true`) {
			continue
		}
		conn.Close()
	}
	hang()
	mustSubside(t, goroutines)
}
