package resilience_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"quadrille.dev/platform/resilience"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
)

// transport plays the neighbour.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func answer(status int, contentType, body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), ProtoMajor: 2,
		Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

func well(*http.Request) (*http.Response, error) { return answer(200, "application/proto", "") }

func refused(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }

func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// neighbour is one that behaves as the test says, and how it is called.
type neighbour struct {
	*resilience.Neighbour
	behave transport
	calls  atomic.Int64
	client *connect.Client[operationsv1.GetStatusRequest, operationsv1.GetStatusResponse]
}

func newNeighbour(config resilience.Config, options ...connect.ClientOption) *neighbour {
	config.To, config.Log = "pricing", slog.New(slog.DiscardHandler)
	n := &neighbour{Neighbour: resilience.New(config), behave: well}
	client := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		n.calls.Add(1)
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		return n.behave(r)
	})}
	options = append(options, connect.WithInterceptors(n.Interceptor()), connect.WithSendCompression(""))
	n.client = connect.NewClient[operationsv1.GetStatusRequest, operationsv1.GetStatusResponse](client,
		"http://pricing"+operationsv1connect.OperationsServiceGetStatusProcedure, options...)
	return n
}

func (n *neighbour) call(ctx context.Context) error {
	_, err := n.client.CallUnary(ctx, connect.NewRequest(&operationsv1.GetStatusRequest{}))
	return err
}

func (n *neighbour) mustBe(t *testing.T, state string, failures int64) {
	t.Helper()
	if got := n.State(); got.State != state || got.Failures != failures || got.To != "pricing" {
		t.Fatalf("breaker is %+v, want %s with %d failures", got, state, failures)
	}
}

// fail calls a neighbour that does not answer, n times.
func (n *neighbour) fail(t *testing.T, times int) {
	t.Helper()
	n.behave = refused
	for range times {
		if err := n.call(t.Context()); connect.CodeOf(err) != connect.CodeUnavailable {
			t.Fatalf("refused call: %v", err)
		}
	}
}

// succeed calls a neighbour that answers, n times.
func (n *neighbour) succeed(t *testing.T, times int) {
	t.Helper()
	n.behave = well
	for range times {
		if err := n.call(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBreakerOpensAfterFiveFailuresInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 4)
		n.mustBe(t, resilience.Closed, 4)
		n.succeed(t, 1)
		n.mustBe(t, resilience.Closed, 0)
		n.fail(t, 5)
		n.mustBe(t, resilience.Open, 5)
		if since := n.State().Since; !since.Equal(time.Now()) {
			t.Errorf("open since %v", since)
		}
	})
}

func TestOpenBreakerMakesNoCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 5)
		before := n.calls.Load()
		n.behave = well
		time.Sleep(30*time.Second - time.Nanosecond)
		if err := n.call(t.Context()); connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("got %v", err)
		}
		if n.calls.Load() != before {
			t.Error("the neighbour was called")
		}
	})
}

func TestBreakerClosesAfterThreeSuccesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 5)
		time.Sleep(30 * time.Second)
		n.succeed(t, 1)
		n.mustBe(t, resilience.HalfOpen, 5)
		n.succeed(t, 1)
		n.mustBe(t, resilience.HalfOpen, 5)
		n.succeed(t, 1)
		n.mustBe(t, resilience.Closed, 0)
	})
}

func TestHalfOpenBreakerOpensAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 5)
		time.Sleep(30 * time.Second)
		n.succeed(t, 2)
		n.fail(t, 1)
		n.mustBe(t, resilience.Open, 6)
		time.Sleep(29 * time.Second)
		n.mustBe(t, resilience.Open, 6)
		before := n.calls.Load()
		n.fail(t, 1)
		if n.calls.Load() != before {
			t.Error("the neighbour was called")
		}
		time.Sleep(time.Second)
		n.succeed(t, 3)
		n.mustBe(t, resilience.Closed, 0)
	})
}

func TestErrorsOfANeighbourThatAnswersAreItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, code := range []connect.Code{
			connect.CodeInvalidArgument, connect.CodeNotFound, connect.CodePermissionDenied,
			connect.CodeUnauthenticated, connect.CodeInternal, connect.CodeFailedPrecondition,
		} {
			n := newNeighbour(resilience.Config{}, connect.WithIdempotency(connect.IdempotencyNoSideEffects))
			n.behave = func(*http.Request) (*http.Response, error) {
				return answer(400, "application/json", `{"code":"`+code.String()+`","message":"no"}`)
			}
			for range 10 {
				if err := n.call(t.Context()); connect.CodeOf(err) != code {
					t.Fatalf("got %v, want %v", err, code)
				}
			}
			n.mustBe(t, resilience.Closed, 0)
			if n.calls.Load() != 10 {
				t.Errorf("%v was repeated", code)
			}
		}
	})
}

func TestWhatIsNoAnswerIsUnavailable(t *testing.T) {
	cases := map[string]transport{
		"refused": refused,
		"hanging": hanging,
		"hangs in the middle": func(r *http.Request) (*http.Response, error) {
			response, _ := answer(200, "application/proto", "")
			reader, writer := io.Pipe()
			context.AfterFunc(r.Context(), func() { _ = writer.CloseWithError(r.Context().Err()) })
			response.Body = reader
			return response, nil
		},
		"answers a page":         func(*http.Request) (*http.Response, error) { return answer(200, "text/html", "<html>") },
		"answers a page, failed": func(*http.Request) (*http.Response, error) { return answer(500, "text/html", "<html>") },
		"answers rubbish": func(*http.Request) (*http.Response, error) {
			return answer(200, "application/proto", "\xff\xff\xff rubbish")
		},
		"says that it is": func(*http.Request) (*http.Response, error) {
			return answer(503, "application/json", `{"code":"unavailable","message":"draining"}`)
		},
	}
	for name, behave := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNeighbour(resilience.Config{Timeout: 3 * time.Second})
				n.behave = behave
				start := time.Now()
				err := n.call(t.Context())
				silence, ok := errors.AsType[*resilience.UnavailableError](err)
				if connect.CodeOf(err) != connect.CodeUnavailable || !ok || silence.To != "pricing" {
					t.Errorf("got %v", err)
				}
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("took %v", took)
				}
				n.mustBe(t, resilience.Closed, 1)
			})
		})
	}
}

// A context that needs another one is not to be blamed for it.
func TestUnavailableElsewhereIsAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{}, connect.WithIdempotency(connect.IdempotencyNoSideEffects))
		n.behave = func(*http.Request) (*http.Response, error) {
			response, err := answer(503, "application/json", `{"code":"unavailable","message":"billing did not answer"}`)
			response.Header.Set(resilience.Elsewhere, "billing")
			return response, err
		}
		for range 10 {
			if err := n.call(t.Context()); connect.CodeOf(err) != connect.CodeUnavailable {
				t.Fatalf("got %v", err)
			}
		}
		n.mustBe(t, resilience.Closed, 0)
		if n.calls.Load() != 10 {
			t.Errorf("%d calls", n.calls.Load())
		}
	})
}

func TestIdempotentCallsAreRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{}, connect.WithIdempotency(connect.IdempotencyNoSideEffects))
		n.behave = func(r *http.Request) (*http.Response, error) {
			if n.calls.Load() < 3 {
				return refused(r)
			}
			return well(r)
		}
		if err := n.call(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.fail(t, 1)
		if n.calls.Load() != 6 {
			t.Errorf("%d calls, want 3 + 3", n.calls.Load())
		}
	})
}

func TestOtherCallsAreNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 1)
		if n.calls.Load() != 1 {
			t.Errorf("%d calls", n.calls.Load())
		}
	})
}

// A neighbour that is down must not be called three times as often as one that is well.
func TestRepetitionsHaveABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{Timeout: time.Minute, Concurrency: 200},
			connect.WithIdempotency(connect.IdempotencyNoSideEffects))
		n.behave = func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return refused(r)
		}
		for range 100 {
			go func() { _ = n.call(t.Context()) }()
		}
		time.Sleep(time.Minute)
		if calls := n.calls.Load(); calls < 100 || calls > 150 {
			t.Errorf("%d calls", calls)
		}
	})
}

func TestCallersWhoGoAwaySayNothingOfTheNeighbour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.behave = hanging
		for range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if err := n.call(ctx); connect.CodeOf(err) != connect.CodeCanceled {
				t.Fatalf("canceled: %v", err)
			}
			ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
			if err := n.call(ctx); connect.CodeOf(err) != connect.CodeUnavailable {
				t.Fatalf("in a hurry: %v", err)
			}
			cancel()
		}
		n.mustBe(t, resilience.Closed, 0)
	})
}

func TestCallersWhoGoAwayLeaveNoHalfOpenBreakerBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 5)
		for range 5 {
			time.Sleep(30 * time.Second)
			n.behave = hanging
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			_ = n.call(ctx)
			cancel()
		}
		time.Sleep(30 * time.Second)
		n.succeed(t, 3)
		n.mustBe(t, resilience.Closed, 0)
	})
}

// A visitor who closes the page while a breaker is half-open does not close it to everybody for another half minute.
func TestACallerWhoLeavesDoesNotOpenAHalfOpenBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 5)
		time.Sleep(30 * time.Second)
		n.behave = hanging
		for range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Millisecond, cancel)
			if err := n.call(ctx); connect.CodeOf(err) != connect.CodeCanceled {
				t.Fatalf("left: %v", err)
			}
		}
		n.succeed(t, 3)
		n.mustBe(t, resilience.Closed, 0)
	})
}

func TestBulkheadRefusesWhatIsTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{Concurrency: 2})
		n.behave = hanging
		for range 2 {
			go func() { _ = n.call(t.Context()) }()
		}
		synctest.Wait()
		if err := n.call(t.Context()); connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("got %v", err)
		}
		if n.calls.Load() != 2 {
			t.Errorf("%d calls", n.calls.Load())
		}
		n.mustBe(t, resilience.Closed, 0)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		n.succeed(t, 1)
	})
}

// The neighbour learns how long there is to wait for it: its own timeout, or what the caller has left.
func TestDeadlinesTravelWithTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{Timeout: 3 * time.Second})
		var told string
		n.behave = func(r *http.Request) (*http.Response, error) {
			told = r.Header.Get("Connect-Timeout-Ms")
			return well(r)
		}
		for within, want := range map[time.Duration]string{time.Minute: "3000", 700 * time.Millisecond: "700"} {
			ctx, cancel := context.WithTimeout(t.Context(), within)
			if err := n.call(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
			if told != want {
				t.Errorf("of %v the neighbour was told %q ms, want %q", within, told, want)
			}
		}
	})
}

// The timeout is for the call with all of its repetitions.
func TestRepetitionsDoNotOutliveTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{Timeout: time.Second}, connect.WithIdempotency(connect.IdempotencyNoSideEffects))
		n.behave = func(r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(450 * time.Millisecond):
				return refused(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		start := time.Now()
		if err := n.call(t.Context()); connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// Half-open, no more calls try than it takes to close.
func TestHalfOpenBreakerLetsFewCallsTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNeighbour(resilience.Config{})
		n.fail(t, 5)
		time.Sleep(30 * time.Second)
		before := n.calls.Load()
		n.behave = func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return well(r)
		}
		for range 20 {
			go func() { _ = n.call(t.Context()) }()
		}
		synctest.Wait()
		if tried := n.calls.Load() - before; tried != 3 {
			t.Errorf("%d calls try", tried)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		n.mustBe(t, resilience.Closed, 0)
	})
}

func TestBreakerIsAMetric(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		n := newNeighbour(resilience.Config{Metrics: registry})
		n.fail(t, 5)
		want := strings.NewReader(`
# HELP quadrille_breaker_changes_total How often the circuit breaker to a neighbour came into a state.
# TYPE quadrille_breaker_changes_total counter
quadrille_breaker_changes_total{state="OPEN",to="pricing"} 1
# HELP quadrille_breaker_state How the circuit breaker to a neighbour stands: 0 closed, 1 open, 2 half-open.
# TYPE quadrille_breaker_state gauge
quadrille_breaker_state{to="pricing"} 1
`)
		if err := testutil.GatherAndCompare(registry, want, "quadrille_breaker_state", "quadrille_breaker_changes_total"); err != nil {
			t.Error(err)
		}
	})
}

func TestBreakerIsALogLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		n := resilience.New(resilience.Config{To: "pricing", Log: slog.New(slog.NewTextHandler(&out, nil))})
		call := n.Interceptor().WrapUnary(func(context.Context, connect.AnyRequest) (connect.AnyResponse, error) {
			return nil, errors.New("connection refused")
		})
		for range 5 {
			_, _ = call(t.Context(), connect.NewRequest(&operationsv1.GetStatusRequest{}))
		}
		_, line, _ := strings.Cut(strings.TrimSpace(out.String()), " ")
		want := `level=WARN msg="circuit breaker changed" to=pricing from=CLOSED state=OPEN failures=5`
		if diff := cmp.Diff(want, line); diff != "" {
			t.Error(diff)
		}
	})
}
