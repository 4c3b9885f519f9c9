package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"quadrille.dev/platform/wire"
)

// neighbour is a server that counts its connections.
type neighbour struct {
	*httptest.Server
	connections atomic.Int64
}

func newNeighbour(t testing.TB, listener net.Listener, handler http.HandlerFunc) *neighbour {
	t.Helper()
	n := &neighbour{Server: httptest.NewUnstartedServer(handler)}
	if listener != nil {
		n.Listener = listener
	}
	n.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n.connections.Add(1)
		}
	}
	n.Start()
	t.Cleanup(n.Close)
	return n
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s", r.Proto, r.Header.Get("Authorization"), body) //nolint:gosec // G705: no browser asks
}

// other answers what a Client does not ask for itself.
func other() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func ask(ctx context.Context, client *wire.Client, url, body string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer it")
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return string(answer), err
}

func mustAnswer(t *testing.T, client *wire.Client, url, body string) {
	t.Helper()
	if answer, err := ask(wire.Repeatable(t.Context()), client, url, body); answer != "HTTP/1.1 Bearer it "+body || err != nil {
		t.Fatalf("got %.100q, %v", answer, err)
	}
}

func TestCallsAreMadeOnOneConnection(t *testing.T) {
	n, client := newNeighbour(t, nil, echo), wire.NewClient(other())
	for _, size := range []int{0, 1, 2000, 5000, 100_000, 2 << 20, 3} {
		mustAnswer(t, client, n.URL, strings.Repeat("x", size))
	}
	if n.connections.Load() != 1 {
		t.Errorf("%d connections", n.connections.Load())
	}
}

func TestCallsAtOnceHaveConnectionsOfTheirOwn(t *testing.T) {
	n, client := newNeighbour(t, nil, echo), wire.NewClient(other())
	var all sync.WaitGroup
	for caller := range 20 {
		all.Go(func() {
			for call := range 50 {
				mustAnswer(t, client, n.URL, fmt.Sprint(caller, call))
			}
		})
	}
	all.Wait()
	if n.connections.Load() > 20 {
		t.Errorf("%d connections", n.connections.Load())
	}
}

// A neighbour that was started anew has closed every connection that was kept.
func TestACallOnAConnectionThatIsClosedIsMadeAgain(t *testing.T) {
	n, client := newNeighbour(t, nil, echo), wire.NewClient(other())
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { mustAnswer(t, client, n.URL, "before") })
	}
	all.Wait()
	address, url := n.Listener.Addr().String(), n.URL
	n.Close()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	again := newNeighbour(t, listener, echo)
	for range 6 {
		mustAnswer(t, client, url, "after")
	}
	if again.connections.Load() != 1 {
		t.Errorf("%d connections", again.connections.Load())
	}
}

// What was begun to be answered is not made again.
func TestAnAnswerThatBreaksOffIsAnError(t *testing.T) {
	var calls atomic.Int64
	n := newNeighbour(t, nil, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 2 {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		echo(w, r)
	})
	client := wire.NewClient(other())
	mustAnswer(t, client, n.URL, "first")
	if answer, err := ask(wire.Repeatable(t.Context()), client, n.URL, "second"); err == nil {
		t.Errorf("got %q", answer)
	}
	if calls.Load() != 2 {
		t.Errorf("%d calls", calls.Load())
	}
	mustAnswer(t, client, n.URL, "third")
}

// Whoever goes away waits no longer, and nobody gets an answer that was another's.
func TestACallEndsWithItsContext(t *testing.T) {
	hold, held := make(chan struct{}), make(chan struct{}, 1)
	n := newNeighbour(t, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			held <- struct{}{}
			<-hold
		}
		echo(w, r)
	})
	defer close(hold)
	client := wire.NewClient(other())
	mustAnswer(t, client, n.URL, "before")
	ctx, cancel := context.WithCancel(wire.Repeatable(t.Context()))
	go func() { <-held; cancel() }()
	if _, err := ask(ctx, client, n.URL+"/held", "mine"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	mustAnswer(t, client, n.URL, "after")
	ctx, cancel = context.WithTimeout(wire.Repeatable(t.Context()), 10*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, client, n.URL+"/held", "mine"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	mustAnswer(t, client, n.URL, "after that")
}

func TestWhatMayNotBeRepeatedIsLeftToTheOtherClient(t *testing.T) {
	n := newNeighbour(t, nil, echo)
	left := 0
	client := wire.NewClient(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		left++
		return nil, errors.New("left")
	})})
	_, err := ask(t.Context(), client, n.URL, "once")
	_, err2 := ask(wire.Repeatable(t.Context()), client, strings.Replace(n.URL, "http", "https", 1), "encrypted")
	if left != 2 || err == nil || err2 == nil || n.connections.Load() != 0 {
		t.Errorf("%d left, %v, %v, %d connections", left, err, err2, n.connections.Load())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func TestNobodySlipsAHeaderIn(t *testing.T) {
	n, client := newNeighbour(t, nil, echo), wire.NewClient(other())
	request, err := http.NewRequestWithContext(wire.Repeatable(t.Context()), http.MethodPost, n.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header["X"] = []string{"a\r\nAuthorization: Bearer else"}
	if response, err := client.Do(request); err == nil {
		response.Body.Close()
		t.Error("no error")
	}
}

func BenchmarkCall(b *testing.B) {
	n, client := newNeighbour(b, nil, echo), wire.NewClient(other())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ask(wire.Repeatable(b.Context()), client, n.URL, "body"); err != nil {
			b.Fatal(err)
		}
	}
}
