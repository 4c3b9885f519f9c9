package load

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// serve serves a handler, and is asked for want.
func serve(t *testing.T, want string, handler http.HandlerFunc) Target {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return Target{Address: strings.TrimPrefix(server.URL, "http://"), Path: "/graphql", Body: []byte(`{"query":"{__typename}"}`), Want: []byte(want)}
}

func TestAnswersAreReadHoweverTheyAreSent(t *testing.T) {
	long := strings.Repeat("a long answer ", 10_000)
	tests := map[string]struct {
		want    string
		handler http.HandlerFunc
	}{
		"with a length": {"answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("answer")) }},
		"empty":         {"", func(http.ResponseWriter, *http.Request) {}},
		"in chunks": {long, func(w http.ResponseWriter, _ *http.Request) {
			for part := range strings.SplitAfterSeq(long, " ") {
				_, _ = w.Write([]byte(part))
			}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			connection, err := Dial(t.Context(), serve(t, test.want, test.handler))
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			for range 2 { // nothing of an answer is left for the next
				if err := connection.Want(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestEachRequestComesWithAnotherToken(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	target := serve(t, "answer", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.Header.Get("Authorization")]++
		_, _ = w.Write([]byte("answer"))
	})
	var made atomic.Int64
	target.Token = func() string { return strings.Repeat("x", int(made.Add(1))) }
	result, err := Closed(t.Context(), target, 2, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(result.Took) || seen[""] > 0 {
		t.Errorf("%d requests came with %d different tokens", len(result.Took), len(seen))
	}
}

func TestAnotherAnswerThanWantedEndsTheLoad(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"another body":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("answer!")) },
		"another status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			target := serve(t, "answer", func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) > 10 {
					answer(w, r)
					return
				}
				_, _ = w.Write([]byte("answer"))
			})
			if _, err := Closed(t.Context(), target, 4, time.Minute); err == nil {
				t.Error("closed loop: no error")
			}
			if _, err := Open(t.Context(), target, 1000, 4, 100*time.Millisecond); err == nil {
				t.Error("open loop: no error")
			}
		})
	}
}

// A server that hangs for a while has the requests that are due meanwhile wait, and that is told of each of them.
func TestInTheOpenLoopTimeCountsFromWhenARequestWasDue(t *testing.T) {
	const hangs = 100 * time.Millisecond
	var asked atomic.Int64
	target := serve(t, "answer", func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			timer := time.NewTimer(hangs)
			defer timer.Stop()
			<-timer.C
		}
		_, _ = w.Write([]byte("answer"))
	})
	result, err := Open(t.Context(), target, 200, 1, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Took) != 10 {
		t.Errorf("%d requests, want 10", len(result.Took))
	}
	if fastest := result.Quantile(0); fastest < hangs/2 {
		t.Errorf("the fastest took %s although all had to wait for the first", fastest)
	}
}

func TestQuantilesAreOfAllRounds(t *testing.T) {
	var r Result
	r.Add(Result{Took: []time.Duration{4, 2}, Elapsed: time.Second})
	r.Add(Result{Took: []time.Duration{3, 1}, Elapsed: time.Second})
	if got := [...]time.Duration{r.Quantile(0), r.Quantile(0.5), r.Quantile(0.99), r.Quantile(1)}; got != [...]time.Duration{1, 3, 4, 4} {
		t.Errorf("quantiles are %v", got)
	}
	if r.PerSecond() != 2 {
		t.Errorf("%f a second", r.PerSecond())
	}
}
