package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// graphQLOverWebSockets has the client of graphql-transport-ws's authors follow sagas, over reconnects too.
func graphQLOverWebSockets(t *testing.T) {
	t.Parallel()
	runScript(t, "ws.js", quadrille.URL("gateway")+"/graphql", sell(t, 100))
}

// graphQLOverServerSentEvents does the same with the client of graphql-sse's authors, in both of its modes, and with an EventSource.
func graphQLOverServerSentEvents(t *testing.T) {
	t.Parallel()
	runScript(t, "sse.js", quadrille.URL("gateway")+"/graphql", sell(t, 100))
}

// stockIsWatchedByAnybody has somebody without an account see what an order takes.
func stockIsWatchedByAnybody(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	var seen []int
	anybody := &client.Client{URL: quadrille.URL("gateway") + "/graphql"}
	err := anybody.Subscribe(ctx, `subscription ($skus: [String!]!) { stockChanged(skus: $skus) { sku availability { available } } }`,
		map[string]any{"skus": []string{sku}}, func(data json.RawMessage) bool {
			var event struct {
				StockChanged struct{ Availability struct{ Available int } }
			}
			if err := json.Unmarshal(data, &event); err != nil {
				t.Error(err)
			}
			seen = append(seen, event.StockChanged.Availability.Available)
			if len(seen) == 1 {
				place(t, ada, system.Wish{SKU: sku, Quantity: 2})
			}
			return len(seen) < 2
		})
	if err != nil || !slices.Equal(seen, []int{5, 3}) {
		t.Errorf("seen %v (%v)", seen, err)
	}
}

// everySagaIsWatchedByOperators has an operator see all facts of an order that was placed meanwhile.
func everySagaIsWatchedByOperators(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 100)
	var placed sync.WaitGroup
	defer placed.Wait()
	placed.Go(func() {
		for ctx.Err() == nil { // the subscription begins with silence, so that orders are placed until one is seen
			if _, err := system.Place(ctx, ada, system.Wish{SKU: sku}); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	})
	told := map[string]int{}
	err := quadrille.As(t, system.Olga).Subscribe(ctx, `subscription { sagaChanged { sequence fact { type } saga { id } } }`, nil,
		func(data json.RawMessage) bool {
			var event struct {
				SagaChanged struct {
					Sequence int
					Fact     struct{ Type string }
					Saga     struct{ ID string }
				}
			}
			if err := json.Unmarshal(data, &event); err != nil {
				t.Error(err)
			}
			change := event.SagaChanged
			if change.Sequence == told[change.Saga.ID]+1 {
				told[change.Saga.ID]++
			}
			return told[change.Saga.ID] != change.Sequence || change.Fact.Type != "ordering.order.fulfilled"
		})
	stop()
	if err != nil {
		t.Error(err)
	}
}

// aSagaIsWaitedForWithoutASubscription is the long poll.
func aSagaIsWaitedForWithoutASubscription(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	var data struct{ Saga *struct{ State string } }
	err := ada.Do(t.Context(), `query ($id: ID!) { saga(id: $id, until: SETTLED, waitSeconds: 25) { state } }`,
		map[string]any{"id": place(t, ada, system.Wish{SKU: sku})}, &data)
	if err != nil || data.Saga == nil || data.Saga.State != "COMPLETED" {
		t.Errorf("saga %+v (%v)", data.Saga, err)
	}
}

// subscriptionsOutliveTheGateway restarts the gateway in good order and by force while orders are followed; who subscribes again after what
// was heard last hears every fact once. That they outlive the broker and everything else is for proof/chaos to show.
func subscriptionsOutliveTheGateway(t *testing.T) {
	ada, sku := quadrille.As(t, system.Ada), sell(t, 100)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	var following sync.WaitGroup
	var toldToRestart sync.Once
	restarting := false
	follow := func(id string) {
		for told := 0; ctx.Err() == nil; {
			over := false
			err := ada.Subscribe(ctx, `subscription ($id: ID!, $since: Int!) { orderChanged(id: $id, since: $since) { sequence fact { type } } }`,
				map[string]any{"id": id, "since": told}, func(data json.RawMessage) bool {
					var event struct {
						OrderChanged struct {
							Sequence int
							Fact     struct{ Type string }
						}
					}
					if err := json.Unmarshal(data, &event); err != nil || event.OrderChanged.Sequence != told+1 {
						t.Errorf("fact %d came after %d (%v)", event.OrderChanged.Sequence, told, err)
					}
					told = event.OrderChanged.Sequence
					over = event.OrderChanged.Fact.Type == "fulfillment.shipment.delivered"
					return !over
				})
			if failures, ok := errors.AsType[client.Errors](err); ok && len(failures) > 0 && failures[0].Extensions.Code == "GATEWAY_RESTARTING" {
				toldToRestart.Do(func() { restarting = true })
			}
			if over {
				return
			}
		}
		t.Errorf("the order %s was not followed to its end", id)
	}
	// Parcels travel for seconds, so that all of these orders go on for as long.
	for range 5 {
		id := place(t, ada, system.Wish{SKU: sku})
		following.Go(func() { follow(id) })
	}
	if err := quadrille.Restart(ctx, "gateway"); err != nil {
		t.Error(err)
	}
	if err := quadrille.Kill("gateway"); err != nil {
		t.Error(err)
	}
	if err := quadrille.AwaitProgram(ctx, "gateway"); err != nil {
		t.Error(err)
	}
	following.Wait()
	if !restarting {
		t.Error("no follower was told that the gateway restarts")
	}
}
