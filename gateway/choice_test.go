package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
)

// TestOfAChoiceExactlyOneIsGiven gives every input that is a choice nothing, null, and too much, in variables.
func TestOfAChoiceExactlyOneIsGiven(t *testing.T) {
	w := newWorld(t)
	const (
		product = `query($choice: ProductBy!) { product(by: $choice) { id } }`
		order   = `mutation($choice: PaymentInput!) { placeOrder(input: {idempotencyKey: "k", lines: [], payment: $choice,
			shippingAddress: {name: "", street: "", city: "", postalCode: "", countryCode: ""}}) { order { id } userErrors { code } } }`
		retry = `mutation($choice: ParkedMessagesBy!) { retryParkedMessages(input: {messages: $choice}) { retried userErrors { code } } }`
		sagas = `query($choice: SagaAbout!) { sagas(filter: {about: $choice}, first: 1) { totalCount } }`
	)
	group := map[string]any{"context": "ordering", "type": "t", "error": "e"}
	cases := map[string]struct {
		document, at string
		// wrong are choices that are none, and right are those that are.
		wrong, right []map[string]any
	}{
		"ProductBy": {
			product, "product.by",
			[]map[string]any{{"id": id(1, 1), "sku": "A"}, {"id": nil}, {"id": id(1, 1), "sku": nil}},
			[]map[string]any{{"id": id(1, 1)}, {"sku": "A"}},
		},
		"PaymentInput": {
			order, "placeOrder.input.payment", []map[string]any{{"card": nil}}, []map[string]any{{"card": map[string]any{"token": "t"}}},
		},
		"ParkedMessagesBy": {
			retry, "retryParkedMessages.input.messages",
			[]map[string]any{{"ids": []any{}, "group": group}, {"group": nil}},
			[]map[string]any{{"ids": []any{model.ParkedID("billing", id(8, 1))}}, {"group": group}},
		},
		"SagaAbout": {
			sagas, "sagas.filter.about",
			[]map[string]any{{"orderNumber": "Q-1", "customerEmail": "ada@quadrille.test"}, {"customerId": nil}},
			[]map[string]any{{"orderNumber": "q-1"}, {"customerEmail": "ada@quadrille.test"}, {"customerId": ada.String()}},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			for _, choice := range append(test.wrong, map[string]any{}) {
				got := w.ask(olga, test.document, map[string]any{"choice": choice})
				if diff := cmp.Diff([]string{test.at + ": BAD_USER_INPUT"}, got.failures()); diff != "" {
					t.Errorf("%v (-want +got):\n%s", choice, diff)
				}
			}
			for _, choice := range test.right {
				if got := w.ask(olga, test.document, map[string]any{"choice": choice}); len(got.Errors) > 0 {
					t.Errorf("%v: %v", choice, got.Errors)
				}
			}
		})
	}
	for name, of := range generated.NewExecutableSchema(generated.Config{}).Schema().Types {
		if _, tried := cases[name]; of.Directives.ForName("oneOf") != nil && !tried {
			t.Errorf("%s is a choice that is not tried here", name)
		}
	}
	if w.ordering.placed == nil {
		t.Error("no order was placed")
	}
}

// TestSagasAboutWhatWasChosen holds what chronicle is asked for.
func TestSagasAboutWhatWasChosen(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		about                 map[string]any
		number, customer, sku string
	}{
		"an order":             {map[string]any{"orderNumber": " q-1 "}, "Q-1", "", ""},
		"a customer":           {map[string]any{"customerId": model.GlobalID("Customer", grace.String())}, "", grace.String(), ""},
		"an address":           {map[string]any{"customerEmail": "grace@quadrille.test"}, "", grace.String(), ""},
		"an address of nobody": {map[string]any{"customerEmail": "nobody@quadrille.test"}, "", "", ""},
		"what was bought":      {map[string]any{"sku": " sku-001 "}, "", "", "SKU-001"},
		"nothing":              {map[string]any{"sku": " "}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w.chronicle.list = nil
			got := w.ask(olga, document(t, "Sagas"), map[string]any{"first": 1, "filter": map[string]any{"about": test.about}})
			if len(got.Errors) > 0 {
				t.Fatal(got.Errors)
			}
			if asked := w.chronicle.list; asked.GetOrderNumber() != test.number || asked.GetCustomerId() != test.customer ||
				asked.GetSku() != test.sku || (asked == nil) != (test.number+test.customer+test.sku == "") {
				t.Errorf("chronicle was asked for %v", asked)
			}
		})
	}
	both := map[string]any{"search": "Q-1", "about": map[string]any{"orderNumber": "Q-1"}}
	got := w.ask(olga, document(t, "Sagas"), map[string]any{"first": 1, "filter": both})
	if diff := cmp.Diff([]string{"sagas: BAD_USER_INPUT"}, got.failures()); diff != "" {
		t.Errorf("both (-want +got):\n%s", diff)
	}
}

// TestSagasInSeveralStates holds what chronicle is asked for.
func TestSagasInSeveralStates(t *testing.T) {
	w := newWorld(t)
	w.ask(olga, document(t, "Sagas"), map[string]any{"first": 1, "filter": map[string]any{"states": []string{"STUCK", "NEEDS_OPERATOR"}}})
	if diff := cmp.Diff([]string{"STUCK", "NEEDS_OPERATOR"}, w.chronicle.list.GetStates()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	none := w.ask(olga, document(t, "Sagas"), map[string]any{"first": 1, "filter": map[string]any{"states": []string{}}})
	if len(none.Errors) > 0 || none.at("sagas", "totalCount") != 0.0 {
		t.Errorf("in none: %v, %v", none.Data, none.failures())
	}
	both := w.ask(olga, document(t, "Sagas"), map[string]any{"first": 1, "filter": map[string]any{"state": "STUCK", "states": []string{"STUCK"}}})
	if diff := cmp.Diff([]string{"sagas: BAD_USER_INPUT"}, both.failures()); diff != "" {
		t.Errorf("both (-want +got):\n%s", diff)
	}
}

// TestMessagesAreNamedOnce holds the older way to name messages beside the newer.
func TestMessagesAreNamedOnce(t *testing.T) {
	w := newWorld(t)
	billing := []any{model.ParkedID("billing", id(8, 1))}
	for name, test := range map[string]struct {
		input map[string]any
		want  string
	}{
		"both ways":    {map[string]any{"ids": billing, "messages": map[string]any{"ids": billing}}, ", MALFORMED messages"},
		"no id":        {map[string]any{"messages": map[string]any{"ids": []any{"rubbish"}}}, ", MALFORMED messages.ids.0"},
		"none":         {map[string]any{"messages": map[string]any{"ids": []any{}}}, ", REQUIRED messages.ids"},
		"no context":   {map[string]any{"messages": map[string]any{"group": map[string]any{"context": "x", "type": "t", "error": "e"}}}, ", NOT_FOUND messages.group.context"},
		"with payload": {map[string]any{"messages": map[string]any{"ids": billing}, "payload": "{"}, ", MALFORMED payload"},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(olga, document(t, "RetryParkedMessages"), map[string]any{"input": test.input})
			if told := mistakes(got.at("retryParkedMessages", "userErrors")); told != test.want || len(got.Errors) > 0 {
				t.Errorf("got %s, want %s; %v", told, test.want, got.Errors)
			}
		})
	}
}
