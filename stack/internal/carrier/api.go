package carrier

import (
	"encoding/json"
	"net/http"
	"time"

	"quadrille.dev/stack/internal/sandbox"
)

// request is the body of POST /bookings.
type request struct {
	OrderID string  `json:"orderId"`
	Address address `json:"address"`
}

type address struct {
	Name        string `json:"name"`
	Street      string `json:"street"`
	City        string `json:"city"`
	PostalCode  string `json:"postalCode"`
	CountryCode string `json:"countryCode"`
}

// view is how a booking is told.
type view struct {
	TrackingNumber string     `json:"trackingNumber"`
	Carrier        string     `json:"carrier"`
	OrderID        string     `json:"orderId"`
	Status         string     `json:"status"`
	BookedAt       time.Time  `json:"bookedAt"`
	CancelledAt    *time.Time `json:"cancelledAt,omitempty"`
	HandedOverAt   *time.Time `json:"handedOverAt,omitempty"`
}

// view must be called under the booking's lock.
func (c *Carrier) view(b *booking) view {
	v := view{TrackingNumber: b.trackingNumber, Carrier: name, OrderID: b.orderID, Status: "BOOKED", BookedAt: b.bookedAt}
	switch {
	case !b.cancelledAt.IsZero():
		v.Status, v.CancelledAt = "CANCELLED", new(b.cancelledAt)
	case !b.handedOverAt.IsZero():
		v.Status, v.HandedOverAt = "IN_TRANSIT", new(b.handedOverAt)
		if time.Since(b.handedOverAt) >= c.deliveryAfter {
			v.Status = "DELIVERED"
		}
	}
	return v
}

func (c *Carrier) book(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Idempotency-Key")
	var asked request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, "UNREADABLE", err.Error())
		return
	}
	if key == "" || asked.OrderID == "" {
		refuse(w, http.StatusBadRequest, "INCOMPLETE", "Idempotency-Key and orderId are needed")
		return
	}
	fingerprint, err := json.Marshal(asked)
	if err != nil {
		panic(err)
	}
	known := c.once(key, string(fingerprint), asked.OrderID, asked.Address.PostalCode == nowhere)
	switch {
	case known.err != nil:
		unwritable(w)
	case known.fingerprint != string(fingerprint):
		refuse(w, http.StatusConflict, "IDEMPOTENCY_CONFLICT", "this key was used for another booking")
	case known.trackingNumber == "":
		refuse(w, http.StatusUnprocessableEntity, "UNDELIVERABLE", "We do not deliver there.")
	default:
		c.answer(w, http.StatusCreated, c.find(known.trackingNumber))
	}
}

func (c *Carrier) track(w http.ResponseWriter, r *http.Request) {
	if b := c.find(r.PathValue("trackingNumber")); b != nil {
		c.answer(w, http.StatusOK, b)
		return
	}
	refuse(w, http.StatusNotFound, "UNKNOWN", "no such booking")
}

func (c *Carrier) cancel(w http.ResponseWriter, r *http.Request) {
	c.change(w, r, "cancelled", func(b *booking) (changed, other *time.Time) { return &b.cancelledAt, &b.handedOverAt })
}

func (c *Carrier) handOver(w http.ResponseWriter, r *http.Request) {
	c.change(w, r, "handedOver", func(b *booking) (changed, other *time.Time) { return &b.handedOverAt, &b.cancelledAt })
}

// change does one of the two things that exclude each other, once.
func (c *Carrier) change(w http.ResponseWriter, r *http.Request, kind string, which func(*booking) (changed, other *time.Time)) {
	b := c.find(r.PathValue("trackingNumber"))
	if b == nil {
		refuse(w, http.StatusNotFound, "UNKNOWN", "no such booking")
		return
	}
	b.mu.Lock()
	changed, other := which(b)
	var err error
	if changed.IsZero() && other.IsZero() {
		at := time.Now().UTC()
		if err = c.journal.Append(record{Kind: kind, TrackingNumber: b.trackingNumber, At: at}); err == nil {
			*changed = at
		}
	}
	late := !other.IsZero()
	b.mu.Unlock()
	switch {
	case err != nil:
		unwritable(w)
	case late:
		refuse(w, http.StatusConflict, "TOO_LATE", "the booking is past that")
	default:
		c.answer(w, http.StatusOK, b)
	}
}

func (c *Carrier) ledger(w http.ResponseWriter, r *http.Request) {
	order := r.URL.Query().Get("orderId")
	c.mu.Lock()
	var found []*booking
	for _, trackingNumber := range c.order {
		if b := c.bookings[trackingNumber]; order == "" || b.orderID == order {
			found = append(found, b)
		}
	}
	c.mu.Unlock()
	views := []view{}
	for _, b := range found {
		b.mu.Lock()
		views = append(views, c.view(b))
		b.mu.Unlock()
	}
	sandbox.WriteJSON(w, http.StatusOK, map[string]any{"bookings": views, "pickups": c.pickups.of(order)})
}

func (c *Carrier) answer(w http.ResponseWriter, status int, b *booking) {
	b.mu.Lock()
	v := c.view(b)
	b.mu.Unlock()
	sandbox.WriteJSON(w, status, v)
}

func unwritable(w http.ResponseWriter) {
	refuse(w, http.StatusInternalServerError, "FAILED", "the ledger cannot be written")
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	sandbox.WriteJSON(w, status, map[string]string{"error": code, "message": message})
}
