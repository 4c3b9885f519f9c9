package personal_test

import (
	"encoding/json"
	"errors"
	"testing"

	"quadrille.dev/platform/personal"
)

func TestWhatIsStillBlottedInAnEditedPayloadIsPutBack(t *testing.T) {
	const (
		placed  = "ordering.order.placed"
		updated = "customers.customer.updated"
	)
	for name, test := range map[string]struct{ fact, original, edited, want string }{
		"a field beside the blots": {
			placed, `{"shippingAddress":{"name":"Ada","city":"London"},"total":1}`, `{"shippingAddress":{"name":"***","city":"Bath"},"total":2}`,
			`{"shippingAddress":{"city":"Bath","name":"Ada"},"total":2}`,
		},
		"nothing blotted":          {placed, `{"payment":{"token":"a"}}`, `{"payment":{"token":"b"}}`, `{"payment":{"token":"b"}}`},
		"a part taken away":        {placed, `{"payment":{"token":"a"}}`, `{"orderId":"o"}`, `{"orderId":"o"}`},
		"a blot of the original's": {placed, `{"payment":{"token":"***"}}`, `{"payment":{"token":"***"}}`, `{"payment":{"token":"***"}}`},
		"elements of a list": {
			updated, `{"changes":[{"old":"A","new":"B"},{"old":"C","new":null}]}`, `{"changes":[{"old":"***","new":"***"},{"old":"***","new":null}]}`,
			`{"changes":[{"new":"B","old":"A"},{"new":null,"old":"C"}]}`,
		},
		"large numbers":           {placed, `{"payment":{"token":"a"}}`, `{"n":12345678901234567890}`, `{"n":12345678901234567890}`},
		"a fact without any":      {"inventory.stock.deducted", `{"orderId":"o"}`, `{"orderId":"***"}`, `{"orderId":"***"}`},
		"a blot nothing is under": {placed, `{"payment":{}}`, `{"payment":{"token":"***"}}`, ""},
		"a list of another length": {
			updated, `{"changes":[{"old":"A"},{"old":"C"}]}`, `{"changes":[{"old":"***"}]}`, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := personal.Restore(test.fact, json.RawMessage(test.original), json.RawMessage(test.edited))
			if test.want == "" && !errors.Is(err, personal.ErrBlotted) || test.want != "" && err != nil {
				t.Fatalf("%s, %v", got, err)
			}
			if string(got) != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
