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
	got := waits(s, func(s shipment.Shipment, at time.Time) []shipment.Event {
		return s.Lose(shipment.Book, "", patience, at)
	})
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

// stalled is a shipment whose booking was tried in vain for long.
func stalled() shipment.Shipment {
	s := booking()
	for range patience.Tries - 1 {
		s = s.Apply(s.Lose(shipment.Book, "No answer.", patience, noon)...)
		s = s.Apply(s.Take(s.Call.DueAt)...)
	}
	return s.Apply(s.Lose(shipment.Book, "No answer.", patience, noon)...)
}

func TestPeopleAreToldOfACallThatFailedTenTimesOnce(t *testing.T) {
	for operation, want := range map[shipment.Operation][]shipment.Event{
		shipment.Book:     {shipment.CallStalled{Operation: shipment.Book, Tries: 10, Why: "No answer."}},
		shipment.Cancel:   {shipment.CallStalled{Operation: shipment.Cancel, Tries: 10, Why: "No answer."}},
		shipment.HandOver: {shipment.CallStalled{Operation: shipment.HandOver, Tries: 10, Why: "No answer."}},
		shipment.Track:    nil,
	} {
		s := shipment.New(order.ID).Apply(shipment.CallIntended{Operation: operation, At: noon})
		var told []shipment.Event
		for range 25 {
			s = s.Apply(s.Take(s.Call.DueAt)...)
			events := s.Lose(operation, "No answer.", patience, noon)
			for _, e := range events {
				if e, is := e.(shipment.CallStalled); is {
					told = append(told, e)
				}
			}
			s = s.Apply(events...)
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("%s: %s", operation, diff)
		}
	}
}

func TestACallThatIsRetriedIsDueAtOnceAndCountsItsTriesAnew(t *testing.T) {
	s := stalled()
	events, err := s.Retry(shipment.Arranging, noon)
	s = then(t, s, events, err)
	if want := (shipment.Call{Operation: shipment.Book, Attempts: 10, DueAt: noon}); s.Call != want {
		t.Errorf("%+v, want %+v", s.Call, want)
	}
	s = s.Apply(s.Take(noon)...)
	s = s.Apply(s.Lose(shipment.Book, "No answer.", patience, noon)...)
	if wait := s.Call.DueAt.Sub(noon); wait != patience.First || s.Call.Stalled || s.Call.Attempts != 11 {
		t.Errorf("due again after %v: %+v", wait, s)
	}
}

// What the carrier says after an operator has said that it refused sends no parcel, and is no second end of the shipment.
func TestAnAnswerThatComesAfterAnOperatorsDoesNoHarm(t *testing.T) {
	s := stalled()
	events, err := s.Resolve(shipment.Resolution{Step: shipment.Arranging, Outcome: shipment.Refused, Reason: "No."}, noon)
	s = then(t, s, events, err)
	events, err = s.Arrange("Quill & Post", "QP1", noon)
	s = then(t, s, events, err)
	if s.Status != shipment.Failed || s.Call != (shipment.Call{Operation: shipment.Cancel, DueAt: noon}) || s.TrackingNumber != "QP1" {
		t.Errorf("the carrier is not told to stay: %+v", s)
	}
	s = s.Apply(s.Take(noon)...)
	events, err = s.CallOff()
	if s = then(t, s, events, err); s.Status != shipment.Failed || s.Call != (shipment.Call{}) {
		t.Errorf("after it was told: %+v", s)
	}

	s = stalled()
	byHand := shipment.Resolution{Step: shipment.Arranging, Outcome: shipment.Done, Carrier: "By hand", TrackingNumber: "H1"}
	events, err = s.Resolve(byHand, noon)
	s = then(t, s, events, err)
	if _, err := s.Arrange("Quill & Post", "QP1", noon); !errors.Is(err, shipment.ErrContradiction) {
		t.Errorf("another booking: %v", err)
	}
	if events := s.Lose(shipment.Book, "No answer.", patience, noon); len(events) > 0 {
		t.Errorf("lost after it was said to be done: %v", events)
	}
}

func TestWhatAnOperatorMaySayOfACall(t *testing.T) {
	for name, test := range map[string]struct {
		shipment shipment.Shipment
		step     shipment.Step
		outcome  shipment.Outcome
		err      error
	}{
		"it has not stalled":   {booking(), shipment.Arranging, shipment.Done, shipment.ErrNotStalled},
		"another step":         {stalled(), shipment.Dispatching, shipment.Done, shipment.ErrNotStalled},
		"no step":              {shipment.New(order.ID), "", shipment.Done, shipment.ErrNotStalled},
		"nothing to be undone": {stalled(), shipment.Arranging, shipment.Undone, shipment.ErrOutcome},
		"no outcome":           {stalled(), shipment.Arranging, "", shipment.ErrOutcome},
		"done":                 {stalled(), shipment.Arranging, shipment.Done, nil},
		"refused":              {stalled(), shipment.Arranging, shipment.Refused, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := shipment.Resolution{Step: test.step, Outcome: test.outcome, Carrier: "By hand", TrackingNumber: "H1", Reason: "No."}
			events, err := test.shipment.Resolve(r, noon)
			if !errors.Is(err, test.err) {
				t.Fatalf("%v, want %v", err, test.err)
			}
			resolved := test.shipment.Apply(events...)
			if again, err := resolved.Resolve(r, noon); test.err == nil && (err != nil || len(again) > 0) {
				t.Errorf("said again: %v, %v", again, err)
			}
		})
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

func TestAnOrderThatWasCancelledBeforeItWasHeardOfIsKnown(t *testing.T) {
	s := shipment.New(order.ID)
	events, err := s.Cancel(noon)
	s = then(t, s, events, err)
	s = s.Apply(s.Open(order, noon)...)
	if !s.Opened || s.Customer != order.Customer || s.Address != order.Address || s.Status != shipment.Cancelled {
		t.Errorf("it is %+v", s)
	}
}

// Who is erased before their order is heard of has no address to send it to; who is erased later, is sent what they wanted to have.
func TestOnlyAnOrderWithoutAnAddressFailsForIt(t *testing.T) {
	erased := order
	erased.Erased = true
	late := shipment.New(order.ID)
	late = late.Apply(late.Open(order, noon)...)
	late = late.Apply(late.Forget()...)
	early := shipment.New(order.ID)
	early = early.Apply(early.Open(erased, noon)...)
	if events := late.Pay(noon); len(events) != 2 || events[1] != shipment.Event(shipment.CallIntended{Operation: shipment.Book, At: noon}) {
		t.Errorf("erased late: %v", events)
	}
	failed := shipment.ParcelFailed{Reason: "The customer was erased, and with them the address."}
	if events := early.Pay(noon); len(events) != 2 || events[1] != shipment.Event(failed) {
		t.Errorf("erased early: %v", events)
	}
}

func TestAnAddressIsKeptUntilTheCarrierHasAnswered(t *testing.T) {
	s := booking()
	s = s.Apply(s.Forget()...)
	if s.Address != order.Address {
		t.Errorf("the booking cannot be asked for again: %+v", s)
	}
	events, err := s.Arrange("Quill & Post", "QP1", noon)
	if s = then(t, s, events, err); s.Address != (shipment.Address{CountryCode: "GB"}) {
		t.Errorf("the address is kept: %+v", s)
	}
}

// What is answered twice, or to what was asked before, changes nothing; what was done twice is a contradiction.
func TestAnAnswerBelongsToItsCall(t *testing.T) {
	events, err := booking().Arrange("Quill & Post", "QP1", noon)
	arranged := then(t, booking(), events, err)
	events, err = arranged.Cancel(noon)
	cancelling := then(t, arranged, events, err)
	cancelling = cancelling.Apply(cancelling.Take(noon)...)
	if events := cancelling.Lose(shipment.Book, "No answer.", patience, noon); len(events) != 0 {
		t.Errorf("the answer to a booking is lost while it is cancelled: %v", events)
	}
	if events := cancelling.Wait(noon); len(events) != 0 {
		t.Errorf("a parcel that is cancelled is waited for: %v", events)
	}
	intended := shipment.New(order.ID).Apply(shipment.CallIntended{Operation: shipment.Track, At: noon})
	if events := intended.Wait(noon); len(events) != 0 {
		t.Errorf("a parcel is waited for after which nobody has looked: %v", events)
	}
	events, err = stalled().Resolve(shipment.Resolution{Step: shipment.Arranging, Outcome: shipment.Refused, Reason: "No."}, noon)
	refused := then(t, stalled(), events, err)
	events, err = refused.Arrange("Quill & Post", "QP1", noon)
	if _, err := then(t, refused, events, err).Arrange("Quill & Post", "QP2", noon); !errors.Is(err, shipment.ErrContradiction) {
		t.Errorf("booked twice after an operator has said that it is not: %v", err)
	}
}
