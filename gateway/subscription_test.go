package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/gateway/internal/graph/model"
)

// socket is a client's graphql-transport-ws connection.
type socket struct {
	t    testing.TB
	conn *websocket.Conn
	ctx  context.Context
}

type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// open connects, and says nothing yet.
func (w *world) open(protocols ...string) *socket {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	w.t.Cleanup(cancel)
	conn, _, err := websocket.Dial( //nolint:bodyclose // there is none after an upgrade
		ctx, w.url+"/graphql", &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.CloseNow() })
	return &socket{w.t, conn, ctx}
}

// dial connects; a token is sent in the first message.
func (w *world) dial(token string) *socket {
	w.t.Helper()
	s := w.open("graphql-transport-ws")
	payload := json.RawMessage(`{}`)
	if token != "" {
		payload = fmt.Appendf(nil, `{"authorization":"Bearer %s"}`, token)
	}
	s.send(frame{Type: "connection_init", Payload: payload})
	return s
}

func (s *socket) send(f frame) {
	s.t.Helper()
	if err := wsjson.Write(s.ctx, s.conn, f); err != nil {
		s.t.Fatal(err)
	}
}

// next is the next frame that is not a ping.
func (s *socket) next() frame {
	s.t.Helper()
	for {
		var f frame
		if err := wsjson.Read(s.ctx, s.conn, &f); err != nil {
			s.t.Fatalf("read: %v", err)
		}
		if f.Type != "ping" && f.Type != "pong" {
			return f
		}
	}
}

// subscribe sends what clients send.
func (s *socket) subscribe(order string, since *int) {
	s.t.Helper()
	if f := s.next(); f.Type != "connection_ack" {
		s.t.Fatalf("connected: %+v", f)
	}
	variables := map[string]any{"id": order}
	if since != nil {
		variables["since"] = *since
	}
	payload, err := json.Marshal(map[string]any{"query": document(s.t, "OrderChanged"), "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(frame{ID: "1", Type: "subscribe", Payload: payload})
}

// change is the next message about the order.
func (s *socket) change() answer {
	s.t.Helper()
	f := s.next()
	if f.Type != "next" {
		s.t.Fatalf("next: %s %s", f.Type, f.Payload)
	}
	var got answer
	if err := json.Unmarshal(f.Payload, &got); err != nil {
		s.t.Fatal(err)
	}
	return got
}

// brief is a message as "sequence fact status".
func (a answer) brief() string {
	if len(a.Errors) > 0 {
		return strings.Join(a.failures(), ", ")
	}
	fact, _ := a.at("orderChanged", "fact", "id").(string)
	return fmt.Sprintf("%v %v %v", a.at("orderChanged", "sequence"), fact, a.at("orderChanged", "order", "status"))
}

func TestSubscriptionTellsPresentStateThenEachFact(t *testing.T) {
	w := newWorld(t)
	s := w.dial(w.token(ada))
	s.subscribe(model.GlobalID("Order", id(3, 1)), nil)
	first := s.change()
	if first.brief() != "2  PLACED" || first.at("orderChanged", "order", "saga", "state") != "RUNNING" {
		t.Fatalf("first: %s", first.brief())
	}
	w.ordering.setStatus("FULFILLED")
	w.chronicle.record(3)
	w.signals.send(id(3, 1), 5)
	for n := 3; n <= 5; n++ {
		if got, want := s.change().brief(), fmt.Sprintf("%d %s FULFILLED", n, id(4, n)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	w.signals.send(id(3, 1), 4) // late, and told already
	w.chronicle.record(1)
	w.signals.send(id(3, 1), 6)
	if got := s.change().brief(); got != "6 "+id(4, 6)+" FULFILLED" {
		t.Errorf("got %q", got)
	}
}

func TestSubscriptionResumes(t *testing.T) {
	w := newWorld(t)
	w.chronicle.record(3)
	s := w.dial(w.token(ada))
	s.subscribe(id(3, 1), new(2))
	for n := 3; n <= 5; n++ {
		if got, want := s.change().brief(), fmt.Sprintf("%d %s PLACED", n, id(4, n)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	w.chronicle.record(1)
	w.signals.reconnect("chronicle")
	if got := s.change().brief(); got != "6 "+id(4, 6)+" PLACED" {
		t.Errorf("after signals were lost: %q", got)
	}
}

func TestSubscriptionOutlivesChronicle(t *testing.T) {
	w := newWorld(t)
	s := w.dial(w.token(ada))
	s.subscribe(id(3, 1), nil)
	s.change()
	w.setDown("chronicle", true)
	w.chronicle.record(2)
	w.signals.send(id(3, 1), 4)
	w.setDown("chronicle", false)
	for n := 3; n <= 4; n++ {
		if got, want := s.change().brief(), fmt.Sprintf("%d %s PLACED", n, id(4, n)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSubscribersShareReads(t *testing.T) {
	w := newWorld(t)
	var sockets []*socket
	for range 5 {
		s := w.dial(w.token(ada))
		s.subscribe(id(3, 1), nil)
		s.change()
		sockets = append(sockets, s)
	}
	w.called()
	w.chronicle.record(1)
	w.signals.send(id(3, 1), 3)
	for _, s := range sockets {
		if got := s.change().brief(); got != "3 "+id(4, 3)+" PLACED" {
			t.Errorf("got %q", got)
		}
	}
	calls := w.called()
	if calls["chronicle.v1.ChronicleService/GetTimeline"] != 1 || calls["ordering.v1.OrderingService/GetOrders"] != 1 {
		t.Errorf("calls: %v", calls)
	}
	// One for the field, and perhaps one that looks for lost signals.
	if calls["chronicle.v1.ChronicleService/GetSagas"] > 2 {
		t.Errorf("calls: %v", calls)
	}
}

func TestSubscriptionsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		token, order, want string
		since              *int
	}{
		"someone else's order": {w.token(ada), graces, "orderChanged: FORBIDDEN", nil},
		"nobody's order":       {w.token(ada), id(3, 50), "orderChanged: NOT_FOUND", nil},
		"no token":             {"", id(3, 1), "orderChanged: UNAUTHENTICATED", nil},
		"rubbish":              {w.token(ada), "rubbish", "orderChanged: BAD_USER_INPUT", nil},
		"before the beginning": {w.token(ada), id(3, 1), "orderChanged: OUT_OF_RANGE", new(-1)},
	} {
		t.Run(name, func(t *testing.T) {
			s := w.dial(test.token)
			s.subscribe(test.order, test.since)
			if got := s.change(); got.brief() != test.want || got.Data["orderChanged"] != nil {
				t.Errorf("got %q, want %q", got.brief(), test.want)
			}
			if f := s.next(); f.Type != "complete" {
				t.Errorf("then %s %s", f.Type, f.Payload)
			}
		})
	}
}

func TestSubscriptionEndsWithItsToken(t *testing.T) {
	w := newWorld(t)
	s := w.dial(w.issuer.Token(ada, []string{"CUSTOMER"}, func(token jwt.Token) error {
		return token.Set(jwt.ExpirationKey, time.Now().Add(2*time.Second))
	}))
	s.subscribe(id(3, 1), nil)
	for got := ""; got != ": UNAUTHENTICATED"; {
		if got = s.change().brief(); got != ": UNAUTHENTICATED" && got != "2  PLACED" {
			t.Fatalf("got %q", got)
		}
	}
	if f := s.next(); f.Type != "complete" {
		t.Errorf("then %s %s", f.Type, f.Payload)
	}
}
