package edge

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/position"
)

// eventStreams is the transport over server-sent events: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. Each
// operation has a stream of its own.
type eventStreams struct{ streams *Streams }

// Supports tells whether a request wants events.
func (e eventStreams) Supports(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodPost) && wantsEvents(r)
}

// wantsEvents tells whether there is nothing that a client wants more. Many clients list events behind the forms in which they would have
// one answer.
func wantsEvents(r *http.Request) bool {
	ranges := mediaRanges(strings.Join(r.Header.Values("Accept"), ","))
	return len(ranges) > 0 && ranges[0].name == eventStream
}

// Do executes an operation and streams its answers.
func (e eventStreams) Do(w http.ResponseWriter, r *http.Request, executor graphql.GraphExecutor) {
	if !e.streams.enter() {
		refuse(w, r, fault.Restarting())
		return
	}
	defer e.streams.leave()
	params, err := readStreamed(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	events := openEvents(w, e.streams.settings.KeepAlive)
	defer events.close()
	ctx := position.With(r.Context(), r.Header.Get("Last-Event-ID"))
	asked := asked{streams: e.streams, executor: executor, params: params, header: r.Header, reading: r.Method == http.MethodGet}
	prepared, refused := asked.prepare(ctx)
	if refused != nil {
		events.send(event{name: typeNext, data: answered(refused)})
		events.send(event{name: typeComplete})
		return
	}
	ended := prepared.run(func(ctx context.Context, response *graphql.Response) {
		events.send(event{name: typeNext, id: position.Taken(ctx), data: answered(response)})
	})
	if ended {
		events.send(event{name: typeComplete})
	}
}

// readStreamed reads the operation that a request asks for.
func readStreamed(r *http.Request) (*graphql.RawParams, error) {
	if r.Method == http.MethodPost && !isJSON(r) {
		return nil, &fault.Error{Code: fault.UnsupportedMediaType, Message: "A request is " + plainJSON + " in UTF-8."}
	}
	given, err := read(r, 0)
	if err != nil {
		return nil, err
	}
	return given.each[0], nil
}

// event is one server-sent event.
type event struct {
	name string
	// id is what a client says as Last-Event-ID when it resumes; most events have none.
	id   string
	data []byte
}

// events is a stream of events to one client.
type events struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	control *http.ResponseController
	closed  bool
	every   time.Duration
	timer   *time.Timer
}

// comeBackAfter tells an EventSource how many milliseconds after it has lost the stream it is to come again.
const comeBackAfter = "retry: 500\n\n"

// openEvents begins a stream. When nothing is sent on it, comments are, so that nobody on the way takes it for dead.
func openEvents(w http.ResponseWriter, keepAlive time.Duration) *events {
	w.Header().Set("Content-Type", eventStream+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	e := &events{w: w, control: http.NewResponseController(w), every: keepAlive}
	e.timer = time.AfterFunc(never, func() { e.write(":\n\n") })
	e.write(comeBackAfter)
	return e
}

func (e *events) send(event event) {
	var text strings.Builder
	if event.id != "" {
		fmt.Fprintf(&text, "id: %s\n", event.id)
	}
	// An event without data would not reach whoever listens with an EventSource.
	fmt.Fprintf(&text, "event: %s\ndata: %s\n\n", event.name, event.data)
	e.write(text.String())
}

// write ignores what goes wrong, which ends the request.
func (e *events) write(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	_, _ = e.w.Write([]byte(text))
	_ = e.control.Flush()
	e.timer.Reset(e.every)
}

// close ends the stream; nothing is written after it.
func (e *events) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.timer.Stop()
}
