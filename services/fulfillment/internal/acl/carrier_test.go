package acl_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// asking is a call of an operation, whose booking is known as QP/1 if there is one.
func asking(operation shipment.Operation) app.Call {
	return app.Call{
		Order:     shipment.OrderID{UUID: uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")},
		Operation: operation, TrackingNumber: "QP/1",
		Address: shipment.Address{Name: "Ada", Street: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: "GB"},
	}
}

func serving(t *testing.T, handler http.HandlerFunc) *acl.Carrier {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return acl.NewCarrier(server.URL, 1)
}

func TestTheCarrierIsAskedInItsWords(t *testing.T) {
	carrier := serving(t, func(w http.ResponseWriter, r *http.Request) {
		var asked any
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		if key := r.Header.Get("Idempotency-Key"); key != "book-01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01" || r.URL.Path != "/bookings" {
			t.Errorf("%s under %s", r.URL, key)
		}
		want := map[string]any{
			"orderId": "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01",
			"address": map[string]any{
				"name": "Ada", "street": "12 St James's Square", "city": "London", "postalCode": "SW1Y 4JH", "countryCode": "GB",
			},
		}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Error(diff)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"trackingNumber":"QP1","carrier":"Quill & Post","status":"BOOKED"}`))
	})
	answer, err := carrier.Ask(t.Context(), asking(shipment.Book))
	if want := (app.Answer{Outcome: app.Done, Carrier: "Quill & Post", TrackingNumber: "QP1"}); err != nil || answer != want {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestTheCarrierIsUnderstood(t *testing.T) {
	refused := func(reason string) app.Answer { return app.Answer{Outcome: app.Refused, Reason: reason} }
	const booking = "/bookings/QP%2F1"
	for _, test := range []struct {
		operation     shipment.Operation
		request, body string
		status        int
		want          app.Answer
		lost          bool
	}{
		{shipment.Book, "POST /bookings", `{"error":"UNDELIVERABLE","message":"No."}`, 422, refused("No."), false},
		{shipment.Book, "POST /bookings", `{"error":"UNDELIVERABLE"}`, 422, refused("UNDELIVERABLE"), false},
		{shipment.Book, "POST /bookings", `{}`, 500, app.Answer{}, true},
		{shipment.Book, "POST /bookings", `{"error":"IDEMPOTENCY_CONFLICT"}`, 409, app.Answer{}, true},
		{shipment.Book, "POST /bookings", `{"status":"BOOKED"}`, 201, app.Answer{}, true},
		{shipment.Book, "POST /bookings", `<html>`, 201, app.Answer{}, true},
		{shipment.Cancel, "POST " + booking + "/cancellation", `{"status":"CANCELLED"}`, 200, app.Answer{Outcome: app.Done}, false},
		{shipment.Cancel, "POST " + booking + "/cancellation", `{"error":"TOO_LATE"}`, 409, app.Answer{}, true},
		{shipment.HandOver, "POST " + booking + "/handover", `{"status":"IN_TRANSIT"}`, 200, app.Answer{Outcome: app.Done}, false},
		{shipment.HandOver, "POST " + booking + "/handover", `{"status":"DELIVERED"}`, 200, app.Answer{Outcome: app.Done}, false},
		{shipment.HandOver, "POST " + booking + "/handover", `{"status":"BOOKED"}`, 200, app.Answer{}, true},
		{shipment.Track, "GET " + booking, `{"status":"IN_TRANSIT"}`, 200, app.Answer{Outcome: app.Refused}, false},
		{shipment.Track, "GET " + booking, `{"status":"DELIVERED"}`, 200, app.Answer{Outcome: app.Done}, false},
		{shipment.Track, "GET " + booking, `{"error":"UNKNOWN"}`, 404, app.Answer{}, true},
	} {
		t.Run(test.request+" "+test.body, func(t *testing.T) {
			carrier := serving(t, func(w http.ResponseWriter, r *http.Request) {
				if got := r.Method + " " + r.URL.EscapedPath(); got != test.request {
					t.Errorf("asked %s", got)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			answer, err := carrier.Ask(t.Context(), asking(test.operation))
			if answer != test.want || (err != nil) != test.lost {
				t.Errorf("%+v, %v", answer, err)
			}
		})
	}
}

func TestTheCarrierIsAskedToCollectInItsWords(t *testing.T) {
	const returnID, order = "01996f60-2b10-7a3c-8d55-0c4e7b9a1e01", "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"
	call := app.Collection{
		Return: pickup.ReturnID{UUID: uuid.MustParse(returnID)}, Order: asking(shipment.Book).Order, Address: asking(shipment.Book).Address,
	}
	for _, test := range []struct {
		operation    pickup.Operation
		key, path    string
		body, answer string
		status       int
		want         app.Answer
		lost         bool
	}{
		{
			pickup.Collect, "pickup-" + returnID, "/pickups",
			`{"returnId":"` + returnID + `","orderId":"` + order + `","address":{"name":"Ada","street":"12 St James's Square",` +
				`"city":"London","postalCode":"SW1Y 4JH","countryCode":"GB"}}`,
			`{"collectionNumber":"QC-1","carrier":"Quill & Post","status":"BOOKED"}`, 201,
			app.Answer{Outcome: app.Done, Carrier: "Quill & Post", TrackingNumber: "QC-1"},
			false,
		},
		{
			pickup.Collect, "pickup-" + returnID, "/pickups", "", `{"error":"UNCOLLECTABLE","message":"Not at SW1Y 4JH, Ada."}`, 422,
			app.Answer{Outcome: app.Refused, Reason: "Not at ***, ***."},
			false,
		},
		{
			pickup.Collect, "pickup-" + returnID, "/pickups", "", `{"collectionNumber":"QC-1","carrier":"Quill & Post","status":"CANCELLED"}`, 201,
			app.Answer{Outcome: app.Refused, Reason: "The carrier was told not to come."},
			false,
		},
		{pickup.Collect, "pickup-" + returnID, "/pickups", "", `{"carrier":"Quill & Post"}`, 201, app.Answer{}, true},
		{pickup.Collect, "pickup-" + returnID, "/pickups", "", `{}`, 500, app.Answer{}, true},
		{
			pickup.CancelPickup, "cancel-pickup-" + returnID, "/pickups/" + returnID + "/cancellation", "", `{"status":"CANCELLED"}`, 200,
			app.Answer{Outcome: app.Done},
			false,
		},
		{
			pickup.CancelPickup, "cancel-pickup-" + returnID, "/pickups/" + returnID + "/cancellation", "", `{"error":"FAILED"}`, 500,
			app.Answer{},
			true,
		},
	} {
		carrier := serving(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil || test.body != "" && test.body != string(body) {
				t.Errorf("asked %s, %v", body, err)
			}
			if key := r.Header.Get("Idempotency-Key"); key != test.key || r.Method != http.MethodPost || r.URL.Path != test.path {
				t.Errorf("asked %s %s under %s", r.Method, r.URL, key)
			}
			w.WriteHeader(test.status)
			_, _ = w.Write([]byte(test.answer))
		})
		call.Operation = test.operation
		if answer, err := carrier.Collect(t.Context(), call); answer != test.want || (err != nil) != test.lost {
			t.Errorf("%s: %+v, %v", test.answer, answer, err)
		}
	}
}

func TestACarrierThatIsDownLosesAnswers(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	if _, err := acl.NewCarrier(down.URL, 1).Ask(t.Context(), asking(shipment.Book)); err == nil {
		t.Error("a carrier that is down has answered")
	}
}
