package shipment_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// booking is a shipment whose booking was taken once.
func booking() shipment.Shipment {
	s := shipment.New(order.ID)
	s = s.Apply(s.Open(order, noon)...)
	s = s.Apply(s.Pay(noon)...)
	return s.Apply(s.Take(noon)...)
}

// then goes on from a shipment.
func then(t *testing.T, s shipment.Shipment, events []shipment.Event, err error) shipment.Shipment {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return s.Apply(events...)
}

// waits is how long a call waits each time after it was asked in vain.
func waits(s shipment.Shipment, inVain func(s shipment.Shipment, at time.Time) []shipment.Event) (waits []time.Duration) {
	at := s.Call.DueAt
	for range 8 {
		s = s.Apply(s.Take(at)...)
		s = s.Apply(inVain(s, at)...)
		waits = append(waits, s.Call.DueAt.Sub(at))
		at = s.Call.DueAt
	}
	return waits
}

func TestALostBookingIsAskedForAgainLaterAndLater(t *testing.T) {
	s := shipment.New(order.ID)
	s = s.Apply(s.Open(order, noon)...)
	s = s.Apply(s.Pay(noon)...)
	got := waits(s, func(s shipment.Shipment, at time.Time) []shipment.Event { return s.Lose(shipment.Book, at) })
	want := []time.Duration{500e6, 1e9, 2e9, 4e9, 8e9, 16e9, 30e9, 30e9}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAParcelUnderWayIsLookedAfterLessAndLessOften(t *testing.T) {
	s := booking()
	events, err := s.Fulfil(noon)
	s = then(t, s, events, err)
	events, err = s.Arrange("Quill & Post", "QP1", noon)
	s = then(t, s, events, err)
	s = s.Apply(s.Take(noon)...)
	events, err = s.Dispatch(noon)
	s = then(t, s, events, err)
	if first := s.Call.DueAt.Sub(noon); first != 2*time.Second {
		t.Errorf("first looked after in %v", first)
	}
	got := waits(s, func(s shipment.Shipment, at time.Time) []shipment.Event { return s.Wait(at) })
	want := []time.Duration{2e9, 4e9, 8e9, 16e9, 32e9, 60e9, 60e9, 60e9}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAWorkerThatDiesLosesItsLease(t *testing.T) {
	s := booking()
	if events := s.Take(noon.Add(shipment.Lease - 1)); len(events) != 0 {
		t.Errorf("taken under lease: %v", events)
	}
	if events := s.Take(noon.Add(shipment.Lease)); len(events) != 1 {
		t.Errorf("not taken when the lease has ended: %v", events)
	}
}

func TestContradictionsAreErrors(t *testing.T) {
	s := booking()
	events, err := s.Arrange("Quill & Post", "QP1", noon)
	s = then(t, s, events, err)
	if _, err := s.Arrange("Quill & Post", "QP2", noon); !errors.Is(err, shipment.ErrContradiction) {
		t.Errorf("another booking: %v", err)
	}
	events, err = s.Fulfil(noon)
	if _, err := then(t, s, events, err).Cancel(noon); !errors.Is(err, shipment.ErrContradiction) {
		t.Errorf("cancelled after it was fulfilled: %v", err)
	}
	events, err = s.Cancel(noon)
	if _, err := then(t, s, events, err).Fulfil(noon); !errors.Is(err, shipment.ErrContradiction) {
		t.Errorf("fulfilled after it was cancelled: %v", err)
	}
}
