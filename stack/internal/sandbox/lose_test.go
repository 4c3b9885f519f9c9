package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestAnAnswerCanBeLostAfterTheDeed(t *testing.T) {
	var deeds atomic.Int64 // requests come over several connections
	server := httptest.NewServer(routes(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		deeds.Add(1)
		WriteJSON(w, http.StatusOK, nil)
	})))
	t.Cleanup(server.Close)
	post := func(path string) error {
		response, err := http.Post(server.URL+path, "application/json", strings.NewReader("{}"))
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if err := post("/sandbox/lost-answers?next=1"); err != nil {
		t.Fatal(err)
	}
	if response, err := http.Get(server.URL + "/ledger"); err != nil || response.Body.Close() != nil {
		t.Errorf("the answer to a question was lost: %v", err)
	}
	if err := post("/bookings"); err == nil {
		t.Error("the answer was not lost")
	}
	if err := post("/bookings"); err != nil {
		t.Errorf("one more answer was lost: %v", err)
	}
	if done := deeds.Load(); done != 3 {
		t.Errorf("%d requests of 3 were carried out", done)
	}
}
