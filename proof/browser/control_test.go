package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/proof/system"
)

// startControl answers where tests have things happen to the system that nobody can bring about with a browser. It ends with the test.
func startControl(t *testing.T, s *system.System) string {
	t.Helper()
	c := control{s}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /programs/{name}/{what}", c.program)
	mux.HandleFunc("POST /orders/{id}/spoilt", c.spoil)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

type control struct{ *system.System }

// program does something to a program. What is restarted is ready when this answers.
func (c control) program(w http.ResponseWriter, r *http.Request) {
	name, err := r.PathValue("name"), error(nil)
	switch what := r.PathValue("what"); what {
	case "halt":
		c.Halt(name)
	case "kill":
		err = c.Kill(name)
	case "pause":
		err = c.Pause(name)
	case "resume":
		err = c.Resume(name)
	case "restart":
		err = c.Restart(r.Context(), name)
	default:
		err = fmt.Errorf("nobody can %s a program", what)
	}
	answer(w, err)
}

// spoil has inventory say of an order, before it has said anything, that its stock is reserved, in words that billing cannot read. Inventory
// is down meanwhile. What it says when it is back waits at billing behind what it seems to have said.
func (c control) spoil(w http.ResponseWriter, r *http.Request) {
	answer(w, c.say(r, event.Fact{
		Name: "inventory.stock.reserved", Version: 1, Subject: r.PathValue("id"), CorrelationID: r.PathValue("id"), At: time.Now(),
		Data: json.RawMessage(`{"lines":[]}`),
	}))
}

// say puts a fact into the outbox of inventory, under an id of its own.
func (c control) say(r *http.Request, fact event.Fact) error {
	ctx := r.Context()
	conn, err := pgx.Connect(ctx, c.DatabaseURL("inventory"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	envelope := event.New(ctx, fact)
	envelope.ID = uuid.New()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return outbox.Append(ctx, tx, envelope) })
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
