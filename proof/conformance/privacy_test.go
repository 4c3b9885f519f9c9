package conformance

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// nobodySeesAnothersOrder holds reliability line 39: not by id, node, connection or subscription.
func nobodySeesAnothersOrder(t *testing.T) {
	t.Parallel()
	ada, grace, sku := quadrille.As(t, system.Ada), quadrille.As(t, system.Grace), sell(t, 5)
	id := place(t, ada, system.Wish{SKU: sku})
	var viewer struct {
		Viewer struct{ Customer struct{ ID string } }
	}
	if err := ada.Do(t.Context(), `{ viewer { customer { id } } }`, nil, &viewer); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		document  string
		variables map[string]any
	}{
		"order":    {`query ($id: ID!) { order(id: $id) { id number } }`, map[string]any{"id": id}},
		"node":     {`query ($id: ID!) { node(id: $id) { id ... on Order { number } } }`, map[string]any{"id": id}},
		"nodes":    {`query ($id: ID!) { nodes(ids: [$id]) { id ... on Order { number } } }`, map[string]any{"id": id}},
		"customer": {`query ($id: ID!) { node(id: $id) { ... on Customer { name orders(first: 5) { nodes { id number } } } } }`, map[string]any{"id": viewer.Viewer.Customer.ID}},
	} {
		t.Run(name, func(t *testing.T) {
			var data json.RawMessage
			forbidden(t, grace.Do(t.Context(), c.document, c.variables, &data))
			if strings.Contains(string(data), "number") || strings.Contains(string(data), "Q-") {
				t.Errorf("the answer tells of the order: %s", data)
			}
		})
	}
	t.Run("subscription", func(t *testing.T) {
		forbidden(t, grace.Subscribe(t.Context(), `subscription ($id: ID!) { orderChanged(id: $id) { sequence } }`, map[string]any{"id": id},
			func(data json.RawMessage) bool {
				t.Errorf("an event was sent: %s", data)
				return false
			}))
	})
	t.Run("cancel", func(t *testing.T) {
		if codes, err := system.Cancel(t.Context(), grace, id); err != nil || len(codes) != 1 || codes[0] != "FORBIDDEN" {
			t.Errorf("cancel: %v, %v; want FORBIDDEN", codes, err)
		}
	})
	t.Run("operator", func(t *testing.T) {
		if order, err := system.Look(t.Context(), quadrille.As(t, system.Olga), id); err != nil || order.ID != id {
			t.Errorf("an operator sees %+v, %v", order, err)
		}
	})
}

func forbidden(t *testing.T, err error) {
	t.Helper()
	var failures client.Errors
	if !errors.As(err, &failures) || failures[0].Extensions.Code != "FORBIDDEN" {
		t.Errorf("got %v, want FORBIDDEN", err)
	}
}
