package personal_test

import (
	"encoding/json"
	"testing"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"
)

func TestEraseLeavesNothingPersonal(t *testing.T) {
	for name, test := range map[string]struct {
		fact       string
		version    int
		data, want string
	}{
		"what a schema marks": {
			"customers.customer.profiled", 2,
			`{"customerId":"c","name":"Ada","email":"a@b.c","phone":null,"tier":"VIP"}`,
			`{"customerId":"c","email":"***","name":"***","phone":null,"tier":"VIP"}`,
		},
		"what is in the way": {"customers.customer.updated", 1, `{"changes":"Ada"}`, `{"changes":"***"}`},
		"a list that was one": {
			"ordering.order.placed", 1, `{"shippingAddress":[{"city":"London","countryCode":"GB"}]}`,
			`{"shippingAddress":[{"city":"***","countryCode":"GB"}]}`,
		},
		"a version that is not known": {
			"customers.customer.profiled", 99,
			`{"customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11","nick":["Ada"],"score":12345678901234567890}`,
			`{"customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11","nick":["***"],"score":12345678901234567890}`,
		},
		"a fact that is not known": {"loyalty.card.stamped", 1, `{"card":{"of":"Ada"},"paid":true}`, `{"card":{"of":"***"},"paid":true}`},
		"a fact without any":       {"inventory.stock.deducted", 1, `{"orderId":"o"}`, `{"orderId":"o"}`},
	} {
		t.Run(name, func(t *testing.T) {
			e := event.New(t.Context(), event.Fact{Name: test.fact, Version: test.version, Subject: "s", Data: json.RawMessage(test.data)})
			if got := string(personal.Erase(e).Data); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestWhatOthersRepeatIsBlotted(t *testing.T) {
	if got := personal.Without("No such card: pm_1. Try again.", "pm_1", ""); got != "No such card: ***. Try again." {
		t.Error(got)
	}
}
