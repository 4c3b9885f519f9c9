package edge

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
)

// What web sockets are closed with, beside the codes of web sockets themselves.
const (
	closeBadRequest    websocket.StatusCode = 4400
	closeUnauthorized  websocket.StatusCode = 4401
	closeForbidden     websocket.StatusCode = 4403
	closeNotSubscribed websocket.StatusCode = 4406
	closeInitTimeout   websocket.StatusCode = 4408
	closeIDInUse       websocket.StatusCode = 4409
	closeTooManyInits  websocket.StatusCode = 4429
)

// never is longer than any stream lasts.
const never = time.Duration(math.MaxInt64)

// longestReason is how many bytes fit into the frame that closes a web socket.
const longestReason = 123

// sockets is the transport over web sockets.
type sockets struct {
	streams       *Streams
	authenticator authenticator
	// maxMessage is in bytes.
	maxMessage int64
}

// Supports tells whether a request is one for a web socket.
func (s sockets) Supports(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do opens a web socket, which is held by a goroutine of its own: what net/http and those around the handler keep for a request is given
// back at once, and a socket that is silent costs little.
func (s sockets) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	if !s.streams.enter() {
		refuse(w, r, fault.Restarting())
		return
	}
	conn, err := websocket.Accept(lean{w}, r, &websocket.AcceptOptions{
		Subprotocols:       []string{protocol},
		InsecureSkipVerify: true, // whose pages may open one is for sites to say, which has
	})
	if err != nil {
		s.streams.leave()
		return // Accept has answered
	}
	conn.SetReadLimit(s.maxMessage)
	ctx, cancel := context.WithCancel(withAddress(context.Background(), address(r.Context())))
	socket := &socket{
		sockets: s, conn: conn, executor: executor, authorization: r.Header.Get("Authorization"), ctx: ctx, running: map[string]*running{},
	}
	go func() {
		defer s.streams.leave()
		defer conn.CloseNow()
		defer cancel()
		if conn.Subprotocol() != protocol {
			socket.close(closeNotSubscribed, "Subprotocol not acceptable")
			return
		}
		socket.hold()
	}()
}

// lean gives web sockets smaller buffers than net/http's, since nearly all messages are small.
type lean struct{ http.ResponseWriter }

// bufferSize is in bytes.
const bufferSize = 512

// Hijack is for the library of web sockets.
func (l lean) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, large, err := http.NewResponseController(l.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("take over connection: %w", err)
	}
	early, _ := large.Reader.Peek(large.Reader.Buffered())
	reader := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(early), conn), max(bufferSize, len(early)))
	_, _ = reader.Peek(len(early)) // what has come already is in the buffer, as the library expects it
	return conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(conn, bufferSize)), nil
}

// socket is one web socket.
type socket struct {
	sockets

	conn     *websocket.Conn
	executor graphql.GraphExecutor
	// authorization is the handshake's, which holds unless the first message says otherwise.
	authorization string
	ctx           context.Context
	// viewing knows who asks; nil before connection_init. It is for the goroutine that reads; others look at acknowledged.
	viewing      context.Context
	acknowledged atomic.Bool
	// silent counts pings since anything was last heard.
	silent atomic.Int32

	mu         sync.Mutex
	running    map[string]*running
	restarting bool
	operations sync.WaitGroup
}

// running is an operation that goes on.
type running struct {
	cancel context.CancelFunc

	mu sync.Mutex
	// over is set when its client must not hear of it any more.
	over bool
}

// hold reads messages until the socket is closed, by whom ever.
func (s *socket) hold() {
	initialise := time.AfterFunc(s.streams.settings.InitWithin, func() {
		if !s.acknowledged.Load() {
			s.close(closeInitTimeout, "Connection initialisation timeout")
		}
	})
	defer initialise.Stop()
	keepAlive := s.keepAlive()
	defer keepAlive.Stop()
	defer context.AfterFunc(s.streams.stopping, s.restart)()
	defer s.abandon()
	for {
		kind, text, err := s.conn.Read(s.ctx)
		if err != nil {
			return
		}
		s.silent.Store(0)
		if kind != websocket.MessageText {
			s.close(closeBadRequest, "Invalid message: it is not text")
			return
		}
		if !s.apart(text) {
			return
		}
	}
}

// apart hears a message on another stack, which grows, so that the one that waits for messages stays as small as it began.
func (s *socket) apart(text []byte) bool {
	open := make(chan bool)
	go func() { open <- s.hear(text) }()
	return <-open
}

// hear does what a message asks for; it answers false when the socket was closed.
func (s *socket) hear(text []byte) bool {
	message, err := readFrame(text)
	if err != nil {
		return s.close(closeBadRequest, "Invalid message: "+err.Error())
	}
	switch message.Type {
	case typeInit:
		return s.initialise(message.Payload)
	case typePing:
		s.write(frame{Type: typePong, Payload: message.Payload})
		return true
	case typePong:
		return true
	}
	if s.viewing == nil {
		return s.close(closeUnauthorized, "Unauthorized")
	}
	if message.Type == typeComplete {
		s.stop(message.ID)
		return true
	}
	return s.subscribe(message)
}

// initialise finds out who asks.
func (s *socket) initialise(payload json.RawMessage) bool {
	if s.viewing != nil {
		return s.close(closeTooManyInits, "Too many initialisation requests")
	}
	authorization, err := authorizationIn(payload)
	if err != nil {
		return s.close(closeBadRequest, "Invalid message: "+err.Error())
	}
	ctx, err := s.authenticator.authenticate(s.ctx, cmp.Or(authorization, s.authorization))
	if err != nil {
		return s.refused(err)
	}
	s.viewing = ctx
	s.acknowledged.Store(true)
	s.write(frame{Type: typeAck})
	return true
}

// authorizationIn is what the first message says in the place of the header of that name, in any case.
func authorizationIn(payload json.RawMessage) (string, error) {
	var said map[string]any
	if len(payload) == 0 {
		return "", nil
	}
	if err := json.Unmarshal(payload, &said); err != nil {
		return "", errors.New("the payload of connection_init is not an object")
	}
	for name, value := range said {
		if !strings.EqualFold(name, "authorization") || value == nil {
			continue
		}
		text, ok := value.(string)
		if !ok {
			return "", errors.New("authorization is not a string")
		}
		return text, nil
	}
	return "", nil
}

// refused closes the socket of somebody whose token is not taken: not valid, meant for others, or one that nobody can judge at
// present, after which clients try again.
func (s *socket) refused(err error) bool {
	ours, _ := errors.AsType[*fault.Error](err)
	switch {
	case ours.Code == fault.ContextUnavailable:
		return s.close(websocket.StatusTryAgainLater, string(ours.Code))
	case errors.Is(err, jwt.InvalidAudienceError()) || errors.Is(err, jwt.InvalidIssuerError()):
		return s.close(closeForbidden, string(fault.Forbidden))
	default:
		return s.close(closeUnauthorized, string(ours.Code))
	}
}

// subscribe starts an operation.
func (s *socket) subscribe(message frame) bool {
	params, err := readParams(message.Payload)
	if err != nil {
		return s.close(closeBadRequest, "Invalid message: "+err.Error())
	}
	ctx, cancel := context.WithCancel(s.viewing)
	operation := &running{cancel: cancel}
	s.mu.Lock()
	_, inUse := s.running[message.ID]
	crowded := len(s.running) >= s.streams.settings.PerConnection
	starts := !inUse && !crowded && !s.restarting
	if starts {
		s.running[message.ID] = operation
		s.operations.Add(1)
	}
	s.mu.Unlock()
	if starts {
		go s.execute(ctx, message.ID, operation, params)
		return true
	}
	cancel()
	if inUse {
		return s.close(closeIDInUse, "Subscriber for "+message.ID+" already exists")
	}
	if crowded {
		s.write(errorFrame(message.ID, gqlerror.List{told(ctx, fault.Crowded(
			"There are %d operations on this connection already, which is as many as it may have.", s.streams.settings.PerConnection))}))
	}
	return true
}

// execute begins an operation, of which its client is told all until its end.
func (s *socket) execute(ctx context.Context, id string, operation *running, params *graphql.RawParams) {
	prepared, refused := asked{streams: s.streams, executor: s.executor, params: params}.prepare(ctx)
	if refused != nil {
		s.end(id, operation, errorFrame(id, refused.Errors))
		return
	}
	prepared.start(func(_ context.Context, response *graphql.Response) {
		s.tell(operation, frame{Type: typeNext, ID: id, Payload: answered(response)})
	}, func(whole bool) {
		if whole {
			s.end(id, operation, frame{Type: typeComplete, ID: id})
		} else {
			s.end(id, operation)
		}
	})
}

// end ends an operation with what its client is told last, if anything.
func (s *socket) end(id string, operation *running, last ...frame) {
	defer s.operations.Done()
	defer operation.cancel()
	s.forget(id, operation)
	for _, message := range last {
		s.tell(operation, message)
	}
}

// forget frees the id of an operation that is over.
func (s *socket) forget(id string, operation *running) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[id] == operation {
		delete(s.running, id)
	}
}

// stop ends an operation because its client wants to hear no more of it, and nothing is told after that.
func (s *socket) stop(id string) {
	s.mu.Lock()
	operation := s.running[id]
	delete(s.running, id)
	s.mu.Unlock()
	if operation == nil {
		return // its completion has crossed the client's
	}
	operation.mu.Lock()
	operation.over = true
	operation.mu.Unlock()
	operation.cancel()
}

func (s *socket) tell(operation *running, message frame) {
	operation.mu.Lock()
	defer operation.mu.Unlock()
	if !operation.over {
		s.write(message)
	}
}

// write sends a message. A socket that cannot be written to ends by itself.
func (s *socket) write(message frame) {
	text := message.append(make([]byte, 0, len(message.Payload)+frameSpace))
	// Not s.ctx: whoever gives up in the middle of a message breaks the socket, which it is for the listener's patience to do.
	if err := s.conn.Write(context.Background(), websocket.MessageText, text); err != nil {
		_ = s.conn.CloseNow()
	}
}

// close tells why, and answers false.
func (s *socket) close(code websocket.StatusCode, reason string) bool {
	_ = s.conn.Close(code, strings.ToValidUTF8(reason[:min(len(reason), longestReason)], ""))
	return false
}

// keepAlive sends pings, and ends a socket that does not answer.
func (s *socket) keepAlive() *time.Timer {
	every := s.streams.settings.KeepAlive
	var timer *time.Timer
	timer = time.AfterFunc(never, func() {
		if s.ctx.Err() != nil {
			return
		}
		if s.silent.Add(1) > 1 {
			s.close(websocket.StatusGoingAway, "Nothing was heard for too long")
			return
		}
		s.write(frame{Type: typePing})
		timer.Reset(every)
	})
	timer.Reset(every)
	return timer
}

// restart closes the socket after its operations have ended, as subscriptions do when the gateway stops.
func (s *socket) restart() {
	s.mu.Lock()
	s.restarting = true
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.operations.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-s.ctx.Done():
	case <-time.After(drainWithin):
	}
	s.close(websocket.StatusServiceRestart, string(fault.GatewayRestarting))
}

// abandon ends what goes on, which nobody hears any more.
func (s *socket) abandon() {
	s.mu.Lock()
	left := slices.Collect(maps.Values(s.running))
	clear(s.running)
	s.mu.Unlock()
	for _, operation := range left {
		operation.cancel()
	}
}
