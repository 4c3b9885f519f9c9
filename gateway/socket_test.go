package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

func (s *socket) mustClose(code websocket.StatusCode, reason string) {
	s.t.Helper()
	for {
		_, text, err := s.conn.Read(s.ctx)
		if err == nil {
			s.t.Logf("before it closed: %s", text)
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code || !strings.HasPrefix(closed.Reason, reason) {
			s.t.Errorf("read: %v; want %d %s", err, code, reason)
		}
		return
	}
}

// say sends a message as it is.
func (s *socket) say(text string) {
	s.t.Helper()
	if err := s.conn.Write(s.ctx, websocket.MessageText, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

// TestSocketsOfBadClientsAreClosed holds the close codes of graphql-transport-ws.
func TestSocketsOfBadClientsAreClosed(t *testing.T) {
	w := newWorld(t)
	watch := `{"id":"1","type":"subscribe","payload":{"query":"subscription { orderChanged(id: \"` + id(3, 1) + `\") { sequence } }"}}`
	initialise := fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":"Bearer %s"}}`, w.token(ada))
	foreign := func(claim string, value any) string {
		return fmt.Sprintf(`{"type":"connection_init","payload":{"authorization":"Bearer %s"}}`,
			w.issuer.Token(ada, nil, func(token jwt.Token) error { return token.Set(claim, value) }))
	}
	for name, test := range map[string]struct {
		said   []string
		code   websocket.StatusCode
		reason string
	}{
		"not JSON":                   {[]string{`{"type":`}, 4400, "Invalid message"},
		"not an object":              {[]string{`"connection_init"`}, 4400, "Invalid message"},
		"no type":                    {[]string{`{}`}, 4400, "Invalid message"},
		"an unknown type":            {[]string{`{"type":"start"}`}, 4400, "Invalid message"},
		"a type that servers send":   {[]string{initialise, `{"type":"next","id":"1","payload":{}}`}, 4400, "Invalid message"},
		"a payload that is a list":   {[]string{`{"type":"connection_init","payload":[]}`}, 4400, "Invalid message"},
		"a token that is a number":   {[]string{`{"type":"connection_init","payload":{"authorization":7}}`}, 4400, "Invalid message"},
		"subscribe without an id":    {[]string{initialise, `{"type":"subscribe","payload":{"query":"{ __typename }"}}`}, 4400, "Invalid message"},
		"an id that is a number":     {[]string{initialise, `{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}`}, 4400, "Invalid message"},
		"subscribe without a query":  {[]string{initialise, `{"type":"subscribe","id":"1","payload":{}}`}, 4400, "Invalid message"},
		"subscribe to nothing":       {[]string{initialise, `{"type":"subscribe","id":"1"}`}, 4400, "Invalid message"},
		"a query that is a number":   {[]string{initialise, `{"type":"subscribe","id":"1","payload":{"query":1}}`}, 4400, "Invalid message"},
		"complete without an id":     {[]string{initialise, `{"type":"complete"}`}, 4400, "Invalid message"},
		"a ping with a text":         {[]string{`{"type":"ping","payload":"x"}`}, 4400, "Invalid message"},
		"subscribe before init":      {[]string{watch}, 4401, "Unauthorized"},
		"complete before init":       {[]string{`{"type":"complete","id":"1"}`}, 4401, "Unauthorized"},
		"a token that is rubbish":    {[]string{`{"type":"connection_init","payload":{"authorization":"Bearer rubbish"}}`}, 4401, "UNAUTHENTICATED"},
		"a scheme that is not known": {[]string{`{"type":"connection_init","payload":{"authorization":"Basic eA=="}}`}, 4401, "UNAUTHENTICATED"},
		"a token that has expired":   {[]string{foreign(jwt.ExpirationKey, time.Now().Add(-time.Hour))}, 4401, "UNAUTHENTICATED"},
		"a token meant for others":   {[]string{foreign(jwt.AudienceKey, []string{"others"})}, 4403, "FORBIDDEN"},
		"a token of another issuer":  {[]string{foreign(jwt.IssuerKey, "https://others.test")}, 4403, "FORBIDDEN"},
		"an id in use":               {[]string{initialise, watch, watch}, 4409, "Subscriber for 1 already exists"},
		"a second init":              {[]string{initialise, initialise}, 4429, "Too many initialisation requests"},
		"too long a message":         {[]string{`{"type":"ping","payload":{"x":"` + strings.Repeat("x", 1<<20) + `"}}`}, 1009, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := w.open("graphql-transport-ws")
			s.t = t
			for _, text := range test.said {
				s.say(text)
			}
			s.mustClose(test.code, test.reason)
		})
	}
	t.Run("a message that is not text", func(t *testing.T) {
		s := w.open("graphql-transport-ws")
		s.t = t
		if err := s.conn.Write(s.ctx, websocket.MessageBinary, []byte(initialise)); err != nil {
			t.Fatal(err)
		}
		s.mustClose(4400, "Invalid message")
	})
	for name, protocols := range map[string][]string{"no protocol": nil, "another protocol": {"graphql-ws"}} {
		t.Run(name, func(t *testing.T) {
			s := w.open(protocols...)
			s.t = t
			s.mustClose(4406, "Subprotocol not acceptable")
		})
	}
}

// A client that is told to sign in again forgets its token, so it must not be told that while nobody can judge the token.
func TestSocketWhileThereAreNoKeys(t *testing.T) {
	w := newWorld(t)
	token := w.token(ada)
	w.issuer.SetDown(true)
	w.dial(token).mustClose(1013, "CONTEXT_UNAVAILABLE")
}

func TestSocketThatSaysNothingIsClosed(t *testing.T) {
	w := newWorld(t, "SOCKET_INIT_WITHIN=50ms")
	w.open("graphql-transport-ws").mustClose(4408, "Connection initialisation timeout")
}

func TestSocketsAreKeptAliveBothWays(t *testing.T) {
	w := newWorld(t, "KEEP_ALIVE_EVERY=100ms")
	silent := w.dial("")
	s := w.dial("")
	for pings := 0; pings < 4; {
		var f frame
		if _, text, err := s.conn.Read(s.ctx); err != nil {
			t.Fatal(err)
		} else if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		if f.Type == "ping" {
			pings++
			s.send(frame{Type: "pong"})
		}
	}
	s.send(frame{Type: "ping", Payload: json.RawMessage(`{"n":1}`)})
	for f := (frame{}); f.Type != "pong"; {
		_, text, err := s.conn.Read(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		if f.Type == "pong" && string(f.Payload) != `{"n":1}` {
			t.Errorf("pong: %s", f.Payload)
		}
	}
	silent.mustClose(1001, "Nothing was heard for too long")
}

// ask executes one operation on the socket and answers all that is told of it.
func (s *socket) ask(id, document string) (told []string) {
	s.t.Helper()
	payload, err := json.Marshal(map[string]any{"query": document})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(frame{ID: id, Type: "subscribe", Payload: payload})
	for {
		f := s.next()
		told = append(told, f.Type+" "+f.ID)
		if f.Type == "complete" || f.Type == "error" {
			return told
		}
	}
}

func TestEveryOperationWorksOnASocket(t *testing.T) {
	w := newWorld(t)
	s := w.dial(w.token(ada))
	s.next()
	for document, want := range map[string][]string{
		`{ viewer { email } }`:                                             {"next 1", "complete 1"},
		`{ viewer { email } } rubbish`:                                     {"error 1"},
		`{ nothing }`:                                                      {"error 1"},
		`query ($id: ID!) { __typename }`:                                  {"error 1"},
		`query A { __typename } query B { __typename }`:                    {"error 1"},
		`subscription { orderChanged(id: "` + graces + `") { sequence } }`: {"next 1", "complete 1"},
	} {
		if diff := cmp.Diff(want, s.ask("1", document)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
}

func TestAnIDIsFreeAfterItsOperationWasStopped(t *testing.T) {
	w := newWorld(t)
	s := w.dial(w.token(ada))
	s.subscribe(id(3, 1), nil)
	s.change()
	s.send(frame{ID: "1", Type: "complete"})
	s.send(frame{Type: "ping"})
	if _, _, err := s.conn.Read(s.ctx); err != nil { // the pong, after which it is stopped
		t.Fatal(err)
	}
	w.chronicle.record(1)
	w.signals.send(id(3, 1), 3)
	if diff := cmp.Diff([]string{"next 1", "complete 1"}, s.ask("1", `{ viewer { email } }`)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestSubscriptionsAreBounded(t *testing.T) {
	w := newWorld(t, "SUBSCRIPTIONS_PER_CONNECTION=2", "SUBSCRIPTIONS_PER_PRINCIPAL=3")
	watch := func(s *socket, as, order string) frame {
		t.Helper()
		payload, err := json.Marshal(map[string]any{"query": `subscription ($id: ID!) { orderChanged(id: $id) { sequence } }`, "variables": map[string]any{"id": order}})
		if err != nil {
			t.Fatal(err)
		}
		s.send(frame{ID: as, Type: "subscribe", Payload: payload})
		return s.next()
	}
	refused := func(f frame) bool {
		return f.Type == "error" && strings.Contains(string(f.Payload), `"TOO_MANY_SUBSCRIPTIONS"`)
	}
	first, second, other := w.dial(w.token(ada)), w.dial(w.token(ada)), w.dial(w.token(grace))
	for _, s := range []*socket{first, second, other} {
		s.next()
	}
	for _, as := range []string{"1", "2"} {
		if f := watch(first, as, id(3, 1)); f.Type != "next" {
			t.Errorf("within bounds: %s %s", f.Type, f.Payload)
		}
	}
	if f := watch(first, "3", id(3, 1)); !refused(f) || f.ID != "3" {
		t.Errorf("one more on the connection: %+v", f)
	}
	if f := watch(second, "1", id(3, 1)); f.Type != "next" {
		t.Errorf("on another connection: %s %s", f.Type, f.Payload)
	}
	if f := watch(second, "2", id(3, 1)); !refused(f) {
		t.Errorf("one more of the account: %s %s", f.Type, f.Payload)
	}
	if f := watch(other, "1", graces); f.Type != "next" {
		t.Errorf("of another account: %s %s", f.Type, f.Payload)
	}
	first.send(frame{ID: "1", Type: "complete"})
	for refused(watch(second, "2", id(3, 1))) {
		continue // until the first is over
	}
}

// TestSocketsAreToldOfARestart is what happens on SIGTERM: what is asked is still answered, who watches is told to come again.
func TestSocketsAreToldOfARestart(t *testing.T) {
	w := newWorld(t)
	s, silent := w.dial(w.token(ada)), w.open("graphql-transport-ws")
	s.subscribe(id(3, 1), nil)
	s.change()
	w.mu.Lock() // no context answers
	s.send(frame{ID: "2", Type: "subscribe", Payload: json.RawMessage(`{"query":"{ products(first: 1) { nodes { sku } } }"}`)})
	s.send(frame{ID: "3", Type: "ping"})
	if _, _, err := s.conn.Read(s.ctx); err != nil { // the pong, after which the query is under way
		t.Fatal(err)
	}
	w.stop()
	told := s.next()
	if told.Type != "next" || told.ID != "1" || !strings.Contains(string(told.Payload), `"GATEWAY_RESTARTING"`) {
		t.Errorf("the subscription: %s %s", told.Type, told.Payload)
	}
	w.mu.Unlock()
	if answer := s.next(); answer.Type != "next" || answer.ID != "2" || !strings.Contains(string(answer.Payload), `"sku"`) {
		t.Errorf("the query: %s %s", answer.Type, answer.Payload)
	}
	if end := s.next(); end.Type != "complete" || end.ID != "2" {
		t.Errorf("then: %+v", end)
	}
	s.mustClose(1012, "GATEWAY_RESTARTING")
	silent.mustClose(1012, "GATEWAY_RESTARTING")
}
