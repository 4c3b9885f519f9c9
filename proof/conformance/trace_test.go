package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"quadrille.dev/proof/system"
)

// spans is a collector of traces: what it was told of, by trace and program.
type spans struct {
	mu     sync.Mutex
	traces map[string][]span
}

type span struct {
	program string
	*trace.Span
}

// collect runs a collector, and answers how programs are to be set so that they tell it of the traces that somebody asks to be kept.
func collect(t *testing.T) (*spans, map[string]string) {
	s := &spans{traces: map[string][]span{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL, "OTEL_BSP_SCHEDULE_DELAY": "200",
		"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0",
	}
}

func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var told collector.ExportTraceServiceRequest
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = proto.Unmarshal(body, &told)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range told.ResourceSpans {
		program := ""
		for _, attribute := range resource.Resource.Attributes {
			if attribute.Key == "service.name" {
				program = attribute.Value.GetStringValue()
			}
		}
		for _, scope := range resource.ScopeSpans {
			for _, one := range scope.Spans {
				id := hex.EncodeToString(one.TraceId)
				s.traces[id] = append(s.traces[id], span{program, one})
			}
		}
	}
}

// of lists the spans of a trace as "program: name", each once.
func (s *spans) of(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, one := range s.traces[id] {
		names = append(names, one.program+": "+one.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// orphans are spans of a trace whose parent nobody has told of, apart from the client's own.
func (s *spans) orphans(id, client string) (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := map[string]bool{client: true}
	for _, one := range s.traces[id] {
		known[hex.EncodeToString(one.SpanId)] = true
	}
	for _, one := range s.traces[id] {
		if !known[hex.EncodeToString(one.ParentSpanId)] {
			names = append(names, one.program+": "+one.Name)
		}
	}
	return names
}

const tracedOrder = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
	order { id customer { name } lines { product { name price { amount } availability { available } } } } userErrors { code message } } }`

// oneOrderIsOneTrace follows an order from the client's request through the gateway, every context's RPC, SQL, messages and calls to the
// outside, until its parcel goes: it is all one trace, in one piece.
func oneOrderIsOneTrace(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	token, err := ada.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids [24]byte
	_, _ = rand.Read(ids[:])
	id, parent := hex.EncodeToString(ids[:16]), hex.EncodeToString(ids[16:])
	body, err := json.Marshal(map[string]any{"query": tracedOrder, "variables": map[string]any{"input": system.Wish{SKU: sku}.Input()}})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, quadrille.URL("gateway")+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Traceparent", "00-"+id+"-"+parent+"-01")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"errors"`)) {
		t.Fatalf("%s %s, %v", response.Status, answer, err)
	}
	awaitSpans(t, id, parent)
}

func awaitSpans(t *testing.T, id, parent string) {
	t.Helper()
	want := []string{
		"gateway: POST /graphql", "gateway: mutation",
		"ordering: ordering.v1.OrderingService/PlaceOrder", "pricing: pricing.v1.PricingService/Quote",
		"catalog: ", "customers: ", "pricing: ", "inventory: ",
		"ordering: publish ordering.order.placed.v1", "inventory: process ordering.order.placed",
		"inventory: publish inventory.stock.reserved.v1", "billing: process inventory.stock.reserved",
		"billing: charge", "billing: HTTP POST", "billing: publish billing.payment.captured.v1", "fulfillment: process billing.payment.captured",
		"fulfillment: book", "fulfillment: handover", "fulfillment: HTTP POST", "fulfillment: publish fulfillment.shipment.arranged.v1",
		"inventory: process fulfillment.shipment.arranged", "ordering: process inventory.stock.deducted",
		"ordering: publish ordering.order.fulfilled.v1", "fulfillment: process ordering.order.fulfilled",
		"fulfillment: publish fulfillment.shipment.dispatched.v1", "chronicle: process fulfillment.shipment.dispatched",
		"ordering: COMMIT", "inventory: COMMIT", "billing: COMMIT", "fulfillment: COMMIT", "chronicle: COMMIT",
	}
	type trace struct{ Missing, Orphans, Seen []string }
	system.Await(t, patience, "the trace is whole", func(context.Context) (trace, bool, error) {
		seen := kept.of(id)
		missing := slices.DeleteFunc(slices.Clone(want), func(wanted string) bool {
			return slices.ContainsFunc(seen, func(name string) bool { return strings.HasPrefix(name, wanted) })
		})
		orphans := kept.orphans(id, parent)
		return trace{missing, orphans, seen}, len(missing)+len(orphans) == 0, nil
	})
}
