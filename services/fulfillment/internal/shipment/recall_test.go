package shipment_test

import (
	"testing"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// A shipment that has forgotten what it told is where it was when that is recalled, and books nothing more.
func TestWhatWasToldIsRecalledAndNotDoneAgain(t *testing.T) {
	arranged := shipment.ParcelArranged{Carrier: "Post", TrackingNumber: "T-1"}
	dispatched := shipment.ParcelDispatched{Carrier: "Post", TrackingNumber: "T-1"}
	for name, test := range map[string]struct {
		told   []shipment.Event
		status shipment.Status
		asks   shipment.Operation
	}{
		"arranged":   {[]shipment.Event{arranged}, shipment.Arranged, shipment.NoOperation},
		"failed":     {[]shipment.Event{shipment.ParcelFailed{Reason: "No."}}, shipment.Failed, shipment.NoOperation},
		"cancelled":  {[]shipment.Event{shipment.ParcelCancelled{}}, shipment.Cancelled, shipment.NoOperation},
		"undone":     {[]shipment.Event{arranged, shipment.ParcelCancelled{}}, shipment.Cancelled, shipment.NoOperation},
		"dispatched": {[]shipment.Event{arranged, dispatched}, shipment.Dispatched, shipment.Track},
		"delivered": {
			[]shipment.Event{arranged, dispatched, shipment.ParcelDelivered{TrackingNumber: "T-1"}}, shipment.Delivered, shipment.NoOperation,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := shipment.New(order.ID)
			for range 2 { // a second time changes nothing
				for _, told := range test.told {
					s = s.Apply(s.Recall(told, noon)...)
				}
			}
			version := s.Version
			s = s.Apply(s.Pay(noon)...) // what it had heard comes again, in any order
			s = s.Apply(s.Open(order, noon)...)
			if s.Status != test.status || s.Version != version || s.Call.Operation != test.asks {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestABookingInDoubtIsAskedForAgainAndCancelled(t *testing.T) {
	s := shipment.New(order.ID)
	s = s.Apply(s.Open(order, noon)...)
	s = s.Apply(s.Pay(noon)...)
	s = s.Apply(s.Doubt(noon)...)
	cancelled, err := s.Cancel(noon)
	if err != nil {
		t.Fatal(err)
	}
	if s = s.Apply(cancelled...); s.Status != shipment.Booking {
		t.Fatalf("cancelled as %s", s.Status)
	}
	arranged, err := s.Arrange("Post", "T-1", noon)
	if err != nil {
		t.Fatal(err)
	}
	if s = s.Apply(arranged...); s.Call.Operation != shipment.Cancel {
		t.Errorf("%+v", s)
	}
}
