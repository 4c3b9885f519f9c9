package shop

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Server serves handlers, each on a port of its own on this machine. What a request was answered once it is answered again, without asking
// the handler: the shop never changes, and upstreams should cost next to nothing beside the gateway.
type Server struct {
	// URLs are where the handlers are, by name.
	URLs map[string]string

	servers []*http.Server
	// requests counts those with an Authorization, and those without.
	requests, anonymous atomic.Int64

	recording atomic.Bool
	mu        sync.Mutex
	recorded  []Request
}

// Request is one that was asked.
type Request struct {
	URL    string
	Header http.Header
	Body   []byte
}

// Serve serves until Close is called.
func Serve(ctx context.Context, handlers map[string]http.Handler) (*Server, error) {
	s := &Server{URLs: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(handlers)) {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			s.Close()
			return nil, err
		}
		server := &http.Server{Handler: s.counted(listener.Addr().String(), &memory{handler: handlers[name]}), Protocols: new(http.Protocols), ReadHeaderTimeout: time.Minute}
		server.Protocols.SetHTTP1(true)
		server.Protocols.SetUnencryptedHTTP2(true)
		s.servers = append(s.servers, server)
		s.URLs[name] = "http://" + listener.Addr().String()
		go func() { _ = server.Serve(listener) }()
	}
	return s, nil
}

// Close stops serving.
func (s *Server) Close() {
	for _, server := range s.servers {
		_ = server.Close()
	}
}

// Counted is how many requests there were since it was last asked, with an Authorization and without.
func (s *Server) Counted() (authorized, anonymous int64) {
	return s.requests.Swap(0), s.anonymous.Swap(0)
}

// Recorded are the requests that come while something is done, in the order in which they come.
func (s *Server) Recorded(during func() error) ([]Request, error) {
	s.recording.Store(true)
	err := during()
	s.recording.Store(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	recorded := s.recorded
	s.recorded = nil
	return recorded, err
}

func (s *Server) record(address string, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recorded = append(s.recorded, Request{URL: "http://" + address + r.URL.String(), Header: r.Header.Clone(), Body: body})
}

func (s *Server) counted(address string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.recording.Load() {
			s.record(address, r)
		}
		if r.Header.Get("Authorization") != "" {
			s.requests.Add(1)
		} else {
			s.anonymous.Add(1)
		}
		next.ServeHTTP(w, r)
	})
}

// mostRemembered bounds what is remembered: gateways ask the same again and again.
const mostRemembered = 1000

// memory remembers what a handler answers.
type memory struct {
	handler http.Handler

	mu         sync.RWMutex
	remembered map[string]*answer
}

type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

func (m *memory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// All that the answer depends on; who asks is not among it.
	key := r.Method + r.URL.String() + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("Content-Encoding") + " " +
		r.Header.Get("Accept-Encoding") + " " + string(body)
	a := m.recall(key)
	if a == nil {
		a = &answer{status: http.StatusOK, header: http.Header{}}
		r.Body = io.NopCloser(bytes.NewReader(body))
		m.handler.ServeHTTP(a, r)
		m.remember(key, a)
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

func (m *memory) recall(key string) *answer {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.remembered[key]
}

func (m *memory) remember(key string, a *answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.remembered == nil {
		m.remembered = map[string]*answer{}
	}
	if len(m.remembered) < mostRemembered && a.status == http.StatusOK {
		m.remembered[key] = a
	}
}
