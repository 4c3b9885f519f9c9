package ordering_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering"
)

func erased(t *testing.T) event.Envelope {
	t.Helper()
	return event.New(t.Context(), event.Fact{
		Name: "customers.customer.erased", Version: 1, Subject: customer.String(), Sequence: 1, At: at,
		Data: json.RawMessage(`{"customerId":"` + customer.String() + `"}`),
	})
}

func TestWhoIsErasedPlacesNoOrders(t *testing.T) {
	player := ordering.Participant(deadline)
	if _, err := player.Deliver(t.Context(), erased(t), at); err != nil {
		t.Fatal(err)
	}
	if _, err := player.Place(t.Context(), orderID, placement(), at); !errors.Is(err, ordering.ErrErased) {
		t.Errorf("got %v, want ErrErased", err)
	}
}

func TestWhatPeopleWriteOfAnOrderIsToldUnlessItsCustomerIsErased(t *testing.T) {
	for _, forgotten := range []bool{false, true} {
		s := enter(t)
		if forgotten {
			s.hear(s.Deliver(t.Context(), erased(t), at))
		}
		published, err := s.Cancel(t.Context(), orderID, true, "Ada is away", at)
		if err != nil || len(published) != 1 {
			t.Fatalf("%v, %v", published, err)
		}
		if told := strings.Contains(string(published[0].Data), "Ada is away"); told == forgotten {
			t.Errorf("erased: %t, told: %s", forgotten, published[0].Data)
		}
	}
}
