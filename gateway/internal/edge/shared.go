package edge

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/fault"
)

// streamHeader is where a client says which stream it is about.
const streamHeader = "X-GraphQL-Event-Stream-Token"

// reservedFor is how long a stream that was reserved is waited for.
const reservedFor = 30 * time.Second

// sharedStreams is the transport over server-sent events for many operations on one stream, which is reserved first: the "single
// connection mode" of https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md.
type sharedStreams struct{ streams *Streams }

// Supports tells whether a request reserves a stream or is about one.
func (s sharedStreams) Supports(r *http.Request) bool {
	return r.Method == http.MethodPut || streamToken(r) != ""
}

// streamToken is what a request says which stream it is about; empty when it is about none.
func streamToken(r *http.Request) string {
	if token := r.Header.Get(streamHeader); token != "" {
		return token
	}
	return r.URL.Query().Get("token")
}

// Do does what the protocol has for the request's method.
func (s sharedStreams) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	r = r.WithContext(r.Context())
	if r.Method == http.MethodPut {
		s.reserve(w, r)
		return
	}
	stream := s.streams.reserved(streamToken(r))
	switch {
	case stream == nil:
		refuse(w, r, fault.Missing("There is no such stream, or no longer."))
	case r.Method == http.MethodDelete:
		stream.stop(r.URL.Query().Get("operationId"))
		w.WriteHeader(http.StatusOK)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		refuse(w, r, wrongMethod("A stream is reserved by PUT, used by GET or POST, and an operation on it is stopped by DELETE."))
	case wantsEvents(r):
		s.open(w, r, stream)
	default:
		s.execute(w, r, executor, stream)
	}
}

func (s sharedStreams) reserve(w http.ResponseWriter, r *http.Request) {
	stream, err := s.streams.reserve(principal(r.Context()))
	if err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(stream.token)) // a broken connection is the client's
}

// open hands over the events of a stream's operations until the client goes, and with it everything that it has asked for.
func (s sharedStreams) open(w http.ResponseWriter, r *http.Request, stream *sharedStream) {
	if !s.streams.enter() {
		refuse(w, r, fault.Restarting())
		return
	}
	defer s.streams.leave()
	if !stream.take() {
		refuse(w, r, fault.Taken("The stream is open already."))
		return
	}
	defer s.streams.discard(stream)
	events := openEvents(w, s.streams.settings.KeepAlive)
	defer events.close()
	stopping, ended := s.streams.stopping.Done(), (<-chan struct{})(nil)
	for {
		select {
		case next := <-stream.events:
			events.send(next)
		case <-stopping:
			stopping, ended = nil, stream.wind()
		case <-ended:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// execute begins an operation, of which everything else is told on the stream.
func (s sharedStreams) execute(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor, stream *sharedStream) {
	if principal(r.Context()) != stream.owner {
		refuse(w, r, fault.Denied("The stream is somebody else's."))
		return
	}
	params, err := readStreamed(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	id, _ := params.Extensions["operationId"].(string)
	if id == "" {
		refuse(w, r, fault.BadInput("The operation has no operationId in its extensions."))
		return
	}
	// The operation outlives its request.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	if err := stream.begin(id, cancel, s.streams.settings.PerConnection); err != nil {
		cancel()
		refuse(w, r, err)
		return
	}
	asked := asked{streams: s.streams, executor: executor, params: params, header: r.Header, reading: r.Method == http.MethodGet}
	prepared, refused := asked.prepare(ctx)
	if refused != nil {
		cancel()
		stream.end(id)
		send(w, plainJSON, refusedWith(refused), whole(refused))
		return
	}
	w.WriteHeader(http.StatusAccepted)
	go func() {
		defer stream.end(id)
		defer cancel()
		stream.run(ctx, id, prepared)
	}()
}

// refusedWith is the status for an operation of which nothing is executed.
func refusedWith(refused *graphql.Response) int {
	for _, err := range refused.Errors {
		if code, ours := err.Extensions["code"].(fault.Code); ours && statuses[code] != 0 {
			return statuses[code]
		}
	}
	return http.StatusBadRequest
}

// sharedStream is a stream that was reserved, or is open.
type sharedStream struct {
	token string
	owner string
	// ctx ends with the stream.
	ctx    context.Context
	cancel context.CancelFunc
	// events waits, when the stream is not open yet or its client is slow.
	events chan event

	mu         sync.Mutex
	open       bool
	winding    bool
	running    map[string]context.CancelFunc
	operations sync.WaitGroup
}

// reserve makes a stream for its owner, who has to open it soon.
func (s *Streams) reserve(owner string) (*sharedStream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	for _, other := range s.shared {
		if other.owner == owner {
			count++
		}
	}
	if count >= s.settings.PerPrincipal {
		return nil, fault.Crowded("There are %d streams already, which is as many as one may have.", count)
	}
	stream := &sharedStream{token: rand.Text(), owner: owner, events: make(chan event), running: map[string]context.CancelFunc{}}
	stream.ctx, stream.cancel = context.WithCancel(context.Background())
	s.shared[stream.token] = stream
	time.AfterFunc(reservedFor, func() {
		if stream.take() {
			s.discard(stream)
		}
	})
	return stream, nil
}

func (s *Streams) reserved(token string) *sharedStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shared[token]
}

// discard ends a stream and all that goes on on it.
func (s *Streams) discard(stream *sharedStream) {
	s.mu.Lock()
	delete(s.shared, stream.token)
	s.mu.Unlock()
	stream.cancel()
}

// take makes the stream open; false when it is.
func (s *sharedStream) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	took := !s.open
	s.open = true
	return took
}

// begin notes an operation, which goes on until end.
func (s *sharedStream) begin(id string, cancel context.CancelFunc, most int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, inUse := s.running[id]
	switch {
	case s.winding:
		return fault.Restarting()
	case inUse:
		return fault.Taken("There is an operation of this id already.")
	case len(s.running) >= most:
		return fault.Crowded("There are %d operations on this stream already, which is as many as it may have.", most)
	}
	s.operations.Add(1)
	s.running[id] = cancel
	return nil
}

func (s *sharedStream) end(id string) {
	s.mu.Lock()
	delete(s.running, id)
	s.mu.Unlock()
	s.operations.Done()
}

// stop ends an operation, if it has not ended by itself.
func (s *sharedStream) stop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[id]; cancel != nil {
		cancel()
	}
}

// wind lets no operation begin any more; the channel is closed when all have ended.
func (s *sharedStream) wind() <-chan struct{} {
	s.mu.Lock()
	s.winding = true
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.operations.Wait(); close(ended) }()
	return ended
}

// run executes an operation and tells of it, until it has ended or the stream has.
func (s *sharedStream) run(ctx context.Context, id string, prepared operation) {
	defer context.AfterFunc(s.ctx, func() { s.stop(id) })()
	ended := prepared.run(func(_ context.Context, response *graphql.Response) {
		s.tell(ctx, event{name: typeNext, data: payload(shared{ID: id, Payload: response})})
	})
	if ended {
		s.tell(s.ctx, event{name: typeComplete, data: payload(shared{ID: id})})
	}
}

// shared is an event's data, where events of many operations are on one stream.
type shared struct {
	ID      string            `json:"id"`
	Payload *graphql.Response `json:"payload,omitempty"`
}

func (s *sharedStream) tell(ctx context.Context, next event) {
	select {
	case s.events <- next:
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
}
