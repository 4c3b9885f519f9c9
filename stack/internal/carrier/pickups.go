package carrier

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"quadrille.dev/stack/internal/sandbox"
)

// nothingToCollect is the postal code that the carrier delivers to and does not collect at.
const nothingToCollect = "00001"

// pickups are the goods that the carrier is to collect, for returns that its customers have names for. One lock is held while a change goes
// to the disk, so that a pick-up and its cancellation, however close they come, happen in one order.
type pickups struct {
	mu        sync.Mutex
	answers   map[string]pickupAnswer
	booked    []*pickup
	cancelled map[string]time.Time
}

// pickupAnswer is what a key has got: a pick-up, or the code of a refusal.
type pickupAnswer struct {
	fingerprint string
	pickup      *pickup
	refused     string
}

type pickup struct {
	number, returnID, orderID string
	bookedAt, cancelledAt     time.Time
}

// The codes of refusals, and what they say.
var refusals = map[string]string{
	"UNCOLLECTABLE": "We do not collect there.",
	"CALLED_OFF":    "The pick-up of this return was cancelled.",
}

// pickupRequest is the body of POST /pickups.
type pickupRequest struct {
	ReturnID string  `json:"returnId"`
	OrderID  string  `json:"orderId"`
	Address  address `json:"address"`
}

// pickupView is how a pick-up is told; one that was cancelled before it was booked has no number.
type pickupView struct {
	CollectionNumber string     `json:"collectionNumber,omitempty"`
	Carrier          string     `json:"carrier"`
	ReturnID         string     `json:"returnId"`
	OrderID          string     `json:"orderId,omitempty"`
	Status           string     `json:"status"`
	BookedAt         *time.Time `json:"bookedAt,omitempty"`
	CancelledAt      *time.Time `json:"cancelledAt,omitempty"`
}

func (p *pickup) view() pickupView {
	v := pickupView{
		CollectionNumber: p.number, Carrier: name, ReturnID: p.returnID, OrderID: p.orderID, Status: "BOOKED", BookedAt: new(p.bookedAt),
	}
	if !p.cancelledAt.IsZero() {
		v.Status, v.CancelledAt = "CANCELLED", new(p.cancelledAt)
	}
	return v
}

// apply makes a record of the journal true.
func (s *pickups) apply(r record) {
	switch r.Kind {
	case "pickupBooked":
		booked := &pickup{number: r.CollectionNumber, returnID: r.ReturnID, orderID: r.OrderID, bookedAt: r.At}
		s.booked = append(s.booked, booked)
		s.answers[r.Key] = pickupAnswer{fingerprint: r.Fingerprint, pickup: booked}
	case "pickupRefused":
		s.answers[r.Key] = pickupAnswer{fingerprint: r.Fingerprint, refused: r.Refused}
	case "pickupCancelled":
		s.cancelled[r.ReturnID] = r.At
		for _, booked := range s.booked {
			if booked.returnID == r.ReturnID {
				booked.cancelledAt = r.At
			}
		}
	}
}

func (c *Carrier) collect(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Idempotency-Key")
	var asked pickupRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, "UNREADABLE", err.Error())
		return
	}
	if key == "" || asked.ReturnID == "" {
		refuse(w, http.StatusBadRequest, "INCOMPLETE", "Idempotency-Key and returnId are needed")
		return
	}
	fingerprint, err := json.Marshal(asked)
	if err != nil {
		panic(err)
	}
	c.pickups.mu.Lock()
	defer c.pickups.mu.Unlock()
	if _, repeated := c.pickups.answers[key]; !repeated {
		if err := c.keep(c.pickups.decide(key, string(fingerprint), asked)); err != nil {
			unwritable(w)
			return
		}
	}
	switch known := c.pickups.answers[key]; {
	case known.fingerprint != string(fingerprint):
		refuse(w, http.StatusConflict, "IDEMPOTENCY_CONFLICT", "this key was used for another pick-up")
	case known.pickup == nil:
		refuse(w, http.StatusUnprocessableEntity, known.refused, refusals[known.refused])
	default:
		sandbox.WriteJSON(w, http.StatusCreated, known.pickup.view())
	}
}

// decide books, unless the carrier does not come there, or was told not to come for the return.
func (s *pickups) decide(key, fingerprint string, asked pickupRequest) record {
	r := record{Kind: "pickupRefused", Key: key, Fingerprint: fingerprint, ReturnID: asked.ReturnID, OrderID: asked.OrderID, At: time.Now().UTC()}
	_, cancelled := s.cancelled[asked.ReturnID]
	switch {
	case asked.Address.PostalCode == nothingToCollect || asked.Address.PostalCode == nowhere:
		r.Refused = "UNCOLLECTABLE"
	case cancelled:
		r.Refused = "CALLED_OFF"
	default:
		r.Kind, r.CollectionNumber = "pickupBooked", newNumber("QC-%012d", 1e12)
	}
	return r
}

// cancelPickup has the carrier not collect for a return, also when it is asked to only after.
func (c *Carrier) cancelPickup(w http.ResponseWriter, r *http.Request) {
	returnID := r.PathValue("returnId")
	c.pickups.mu.Lock()
	defer c.pickups.mu.Unlock()
	if _, before := c.pickups.cancelled[returnID]; !before {
		if err := c.keep(record{Kind: "pickupCancelled", ReturnID: returnID, At: time.Now().UTC()}); err != nil {
			unwritable(w)
			return
		}
	}
	sandbox.WriteJSON(w, http.StatusOK, pickupView{
		Carrier: name, ReturnID: returnID, Status: "CANCELLED", CancelledAt: new(c.pickups.cancelled[returnID]),
	})
}

// keep makes a record true once it is on the disk. It must be called under the lock of the pick-ups.
func (c *Carrier) keep(r record) error {
	if err := c.journal.Append(r); err != nil {
		return err
	}
	c.pickups.apply(r)
	return nil
}

// of tells every pick-up that was booked, for an order if it is named.
func (s *pickups) of(order string) []pickupView {
	s.mu.Lock()
	defer s.mu.Unlock()
	views := []pickupView{}
	for _, booked := range s.booked {
		if order == "" || booked.orderID == order {
			views = append(views, booked.view())
		}
	}
	return views
}
