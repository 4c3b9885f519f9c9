package carrier

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type sandboxed struct {
	t    *testing.T
	path string
	http.Handler
}

func start(t *testing.T, deliveryAfter time.Duration) *sandboxed {
	s := &sandboxed{t: t, path: filepath.Join(t.TempDir(), "ledger")}
	s.open(deliveryAfter)
	return s
}

// open begins on what is on the disk; an earlier carrier is left as a kill leaves it.
func (s *sandboxed) open(deliveryAfter time.Duration) {
	s.t.Helper()
	c, err := Open(s.path, deliveryAfter)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	s.Handler = c.Handler()
}

type told struct {
	TrackingNumber, CollectionNumber, Carrier, Status, Error string
	Bookings, Pickups                                        []told
}

func (s *sandboxed) ask(method, path, key, body string) (int, told) {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Idempotency-Key", key)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer told
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return w.Code, answer
}

func (s *sandboxed) book(key, order, postalCode string) (int, told) {
	s.t.Helper()
	return s.ask("POST", "/bookings", key, `{"orderId":"`+order+`","address":{"name":"Ada","postalCode":"`+postalCode+`"}}`)
}

func (s *sandboxed) expect(method, path string, status int, says string) {
	s.t.Helper()
	if code, answer := s.ask(method, path, "", ""); code != status || (answer.Status != says && answer.Error != says) {
		s.t.Errorf("%s %s: %d %+v, want %d %s", method, path, code, answer, status, says)
	}
}

func TestABookingIsCancelledOrHandedOver(t *testing.T) {
	s := start(t, time.Hour)
	code, booked := s.book("k", "o", "NE1")
	if code != http.StatusCreated || booked.Status != "BOOKED" || booked.Carrier != "Quill & Post" {
		t.Fatalf("%d %+v", code, booked)
	}
	path := "/bookings/" + booked.TrackingNumber
	s.expect("GET", path, 200, "BOOKED")
	s.expect("POST", path+"/cancellation", 200, "CANCELLED")
	s.expect("POST", path+"/cancellation", 200, "CANCELLED")
	s.expect("POST", path+"/handover", 409, "TOO_LATE")

	_, second := s.book("k2", "o", "NE1")
	path = "/bookings/" + second.TrackingNumber
	s.expect("POST", path+"/handover", 200, "IN_TRANSIT")
	s.expect("POST", path+"/handover", 200, "IN_TRANSIT")
	s.expect("POST", path+"/cancellation", 409, "TOO_LATE")
	s.expect("GET", "/bookings/none", 404, "UNKNOWN")

	_, ledger := s.ask("GET", "/ledger?orderId=o", "", "")
	if len(ledger.Bookings) != 2 || ledger.Bookings[0].Status != "CANCELLED" || ledger.Bookings[1].Status != "IN_TRANSIT" {
		t.Errorf("%+v", ledger)
	}
}

func TestAKeyKeepsItsAnswerThroughAKill(t *testing.T) {
	s := start(t, time.Hour)
	_, booked := s.book("k", "o", "NE1")
	s.ask("POST", "/bookings/"+booked.TrackingNumber+"/handover", "", "")
	if code, refused := s.book("nowhere", "p", "00000"); code != 422 || refused.Error != "UNDELIVERABLE" {
		t.Errorf("%d %+v", code, refused)
	}
	s.open(0)
	if code, again := s.book("k", "o", "NE1"); code != http.StatusCreated || again.TrackingNumber != booked.TrackingNumber {
		t.Errorf("asked again: %d %+v", code, again)
	}
	if code, again := s.book("nowhere", "p", "00000"); code != 422 || again.Error != "UNDELIVERABLE" {
		t.Errorf("refused, asked again: %d %+v", code, again)
	}
	if code, other := s.book("k", "another", "NE1"); code != http.StatusConflict {
		t.Errorf("key of another booking: %d %+v", code, other)
	}
	s.expect("GET", "/bookings/"+booked.TrackingNumber, 200, "DELIVERED")
}

func (s *sandboxed) collect(key, id, postalCode string) (int, told) {
	s.t.Helper()
	return s.ask("POST", "/pickups", key, `{"returnId":"`+id+`","orderId":"o","address":{"name":"Ada","postalCode":"`+postalCode+`"}}`)
}

func TestAPickupIsBookedOnceForAKeyAndCancelled(t *testing.T) {
	s := start(t, time.Hour)
	code, booked := s.collect("pickup-r", "r", "NE1")
	if code != http.StatusCreated || booked.Status != "BOOKED" || booked.Carrier != "Quill & Post" || booked.CollectionNumber == "" {
		t.Fatalf("%d %+v", code, booked)
	}
	s.open(time.Hour)
	if code, again := s.collect("pickup-r", "r", "NE1"); code != http.StatusCreated || again.CollectionNumber != booked.CollectionNumber {
		t.Errorf("asked again: %d %+v", code, again)
	}
	if code, other := s.collect("pickup-r", "r", "NE2"); code != http.StatusConflict || other.Error != "IDEMPOTENCY_CONFLICT" {
		t.Errorf("key of another pick-up: %d %+v", code, other)
	}
	s.expect("POST", "/pickups/r/cancellation", 200, "CANCELLED")
	s.open(time.Hour)
	s.expect("POST", "/pickups/r/cancellation", 200, "CANCELLED")
	if code, again := s.collect("pickup-r", "r", "NE1"); code != http.StatusCreated || again.Status != "CANCELLED" {
		t.Errorf("asked again after it was cancelled: %d %+v", code, again)
	}
	_, ledger := s.ask("GET", "/ledger?orderId=o", "", "")
	if len(ledger.Pickups) != 1 || ledger.Pickups[0].Status != "CANCELLED" {
		t.Errorf("%+v", ledger)
	}
}

func TestWhatIsNotCollected(t *testing.T) {
	s := start(t, time.Hour)
	s.expect("POST", "/pickups/off/cancellation", 200, "CANCELLED")
	if code, delivered := s.book("book-o", "o", "00001"); code != http.StatusCreated {
		t.Errorf("not delivered: %d %+v", code, delivered)
	}
	for range 2 {
		for _, refused := range []struct{ id, postalCode, code string }{
			{"there", "00001", "UNCOLLECTABLE"}, {"nowhere", "00000", "UNCOLLECTABLE"}, {"off", "NE1", "CALLED_OFF"},
		} {
			if code, said := s.collect("pickup-"+refused.id, refused.id, refused.postalCode); code != 422 || said.Error != refused.code {
				t.Errorf("%+v: %d %+v", refused, code, said)
			}
		}
		s.open(time.Hour)
	}
	if _, ledger := s.ask("GET", "/ledger", "", ""); len(ledger.Pickups) != 0 {
		t.Errorf("%+v", ledger.Pickups)
	}
}
