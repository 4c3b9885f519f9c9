package serve

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pipes is a listener without a network.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newPipes() *pipes { return &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialled:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// get asks for a path, and answers the status; 0 if there is no answer.
func (p *pipes) get(path string) int {
	ours, theirs := net.Pipe()
	defer ours.Close()
	select {
	case p.dialled <- theirs:
	case <-p.closed:
		return 0
	}
	if _, err := io.WriteString(ours, "GET "+path+" HTTP/1.1\r\nHost: inventory\r\n\r\n"); err != nil {
		return 0
	}
	response, err := http.ReadResponse(bufio.NewReader(ours), nil)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// ends is what ended, and how long after the drain began.
type ends struct {
	mu     sync.Mutex
	begun  time.Time
	before []end
}

type end struct {
	What  string
	After time.Duration
}

func (e *ends) note(what string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.before = append(e.before, end{what, time.Since(e.begun).Round(time.Second)})
}

// loop is one that takes a while to finish what it has begun.
func (e *ends) loop(what string, finishes time.Duration) Loop {
	return func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(finishes)
		e.note(what)
		return nil
	}
}

// First no request is taken any more, then no message, then the loops end, and the relay last; each finishes what it has begun before the
// next is told, and a request that does not end is cut off after ten seconds.
func TestADrainIsInOrderAndWaitsForWhatIsBegunButNotForEver(t *testing.T) {
	for name, c := range map[string]struct {
		request time.Duration
		status  int
		want    []end
	}{
		"a request that takes its time": {3 * time.Second, http.StatusOK, []end{
			{"request", 3 * time.Second}, {"consumer", 8 * time.Second}, {"loop", 15 * time.Second}, {"relay", 17 * time.Second},
		}},
		"a request that hangs": {time.Hour, 0, []end{
			{"request", 10 * time.Second}, {"consumer", 15 * time.Second}, {"loop", 22 * time.Second}, {"relay", 24 * time.Second},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener, ended := newPipes(), &ends{}
				h := &Host{Log: slog.New(slog.DiscardHandler), listener: listener, mux: http.NewServeMux()}
				h.consuming.stop = make(chan struct{})
				h.HandlePublic("/slow", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					select {
					case <-time.After(c.request):
					case <-r.Context().Done():
					}
					ended.note("request")
				}))
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() {
					done <- h.run(ctx, h.server(), ended.loop("relay", 2*time.Second), []Loop{
						h.consuming.loop(ended.loop("consumer", 5*time.Second)), ended.loop("loop", 7*time.Second),
					})
				}()
				answered := make(chan int, 1)
				go func() { answered <- listener.get("/slow") }()
				synctest.Wait()
				ended.begun = time.Now()
				stop()
				synctest.Wait()
				if status := listener.get("/late"); status != 0 || !h.draining.Load() {
					t.Errorf("a request that came later was answered with %d", status)
				}
				if err := <-done; err != nil {
					t.Error(err)
				}
				if status := <-answered; status != c.status {
					t.Errorf("the request was answered with %d", status)
				}
				if diff := cmp.Diff(c.want, ended.before); diff != "" {
					t.Errorf("ended (-want +got):\n%s", diff)
				}
			})
		})
	}
}
