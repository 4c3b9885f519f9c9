// Package carrier is the sandbox carrier: bookings that can be cancelled until the parcel is handed over, pick-ups of what comes back, and a
// ledger of them.
package carrier

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"sync"
	"time"

	"quadrille.dev/stack/internal/sandbox"
)

// name is the carrier's.
const name = "Quill & Post"

// nowhere is the postal code that the carrier does not deliver to.
const nowhere = "00000"

// Carrier answers the API.
type Carrier struct {
	journal       *sandbox.Journal[record]
	deliveryAfter time.Duration
	pickups       pickups

	mu       sync.Mutex
	answers  map[string]*answer
	bookings map[string]*booking
	order    []string
}

// record is a line of the journal.
type record struct {
	// Kind is booked, refused, cancelled, handedOver, pickupBooked, pickupRefused or pickupCancelled.
	Kind             string `json:"kind"`
	Key              string `json:"key,omitempty"`
	Fingerprint      string `json:"fingerprint,omitempty"`
	TrackingNumber   string `json:"trackingNumber,omitempty"`
	OrderID          string `json:"orderId,omitempty"`
	ReturnID         string `json:"returnId,omitempty"`
	CollectionNumber string `json:"collectionNumber,omitempty"`
	// Refused is the code of why a pick-up was.
	Refused string    `json:"refused,omitempty"`
	At      time.Time `json:"at"`
}

// answer is what a key has got: the booking of a tracking number, or a refusal without one. It may be told once durable is closed.
type answer struct {
	fingerprint    string
	trackingNumber string
	durable        chan struct{}
	err            error
}

// booking has a lock of its own, which is held while a change goes to the disk, so that each is told only when it is there.
type booking struct {
	mu             sync.Mutex
	trackingNumber string
	orderID        string
	bookedAt       time.Time
	cancelledAt    time.Time
	handedOverAt   time.Time
}

// Open reads the ledger at path back, or begins it. Parcels arrive deliveryAfter they were handed over.
func Open(path string, deliveryAfter time.Duration) (*Carrier, error) {
	c := &Carrier{
		deliveryAfter: deliveryAfter, answers: map[string]*answer{}, bookings: map[string]*booking{},
		pickups: pickups{answers: map[string]pickupAnswer{}, cancelled: map[string]time.Time{}},
	}
	journal, err := sandbox.OpenJournal(path, c.replay)
	c.journal = journal
	return c, err
}

// Close ends the ledger.
func (c *Carrier) Close() error { return c.journal.Close() }

func (c *Carrier) replay(r record) {
	switch r.Kind {
	case "booked", "refused":
		known := &answer{fingerprint: r.Fingerprint, trackingNumber: r.TrackingNumber, durable: make(chan struct{})}
		close(known.durable)
		c.answers[r.Key] = known
		c.show(r)
	case "cancelled":
		c.bookings[r.TrackingNumber].cancelledAt = r.At
	case "handedOver":
		c.bookings[r.TrackingNumber].handedOverAt = r.At
	default:
		c.pickups.apply(r)
	}
}

// show puts a booking, which is on the disk, where it can be found.
func (c *Carrier) show(r record) {
	if r.TrackingNumber != "" {
		c.bookings[r.TrackingNumber] = &booking{trackingNumber: r.TrackingNumber, orderID: r.OrderID, bookedAt: r.At}
		c.order = append(c.order, r.TrackingNumber)
	}
}

// Handler serves the API.
func (c *Carrier) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /bookings", c.book)
	mux.HandleFunc("GET /bookings/{trackingNumber}", c.track)
	mux.HandleFunc("POST /bookings/{trackingNumber}/cancellation", c.cancel)
	mux.HandleFunc("POST /bookings/{trackingNumber}/handover", c.handOver)
	mux.HandleFunc("POST /pickups", c.collect)
	mux.HandleFunc("POST /pickups/{returnId}/cancellation", c.cancelPickup)
	mux.HandleFunc("GET /ledger", c.ledger)
	return mux
}

// once gives a key its answer: the one that it has got before, or else a new one, when it is on the disk.
func (c *Carrier) once(key, fingerprint, orderID string, refused bool) *answer {
	c.mu.Lock()
	known, repeated := c.answers[key]
	if !repeated {
		known = &answer{fingerprint: fingerprint, durable: make(chan struct{})}
		c.answers[key] = known
	}
	c.mu.Unlock()
	if repeated {
		<-known.durable
		return known
	}
	r := record{Kind: "refused", Key: key, Fingerprint: fingerprint, OrderID: orderID, At: time.Now().UTC()}
	if !refused {
		r.Kind, r.TrackingNumber = "booked", newNumber("QP%015d", 1e15)
		known.trackingNumber = r.TrackingNumber
	}
	known.err = c.journal.Append(r)
	if known.err == nil {
		c.mu.Lock()
		c.show(r)
		c.mu.Unlock()
	}
	close(known.durable)
	return known
}

// newNumber draws a number below a bound, and writes it in a form.
func newNumber(form string, below int64) string {
	number, err := rand.Int(rand.Reader, big.NewInt(below))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(form, number)
}

func (c *Carrier) find(trackingNumber string) *booking {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bookings[trackingNumber]
}
