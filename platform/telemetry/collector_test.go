package telemetry

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// answer is what a collector answers, and when it was asked.
type answer struct {
	status     int
	retryAfter string
	body       []byte
	err        error
	asked      time.Time
}

// answering is a collector that gives its answers one after the other, and keeps the last request's body.
type answering struct {
	answers []answer
	next    int
	request *http.Request
	body    []byte
}

func (a *answering) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	given := &a.answers[a.next]
	a.next++
	a.request, a.body, given.asked = request, body, time.Now()
	header := http.Header{}
	if given.retryAfter != "" {
		header.Set("Retry-After", given.retryAfter)
	}
	return &http.Response{
		StatusCode: given.status, Status: http.StatusText(given.status), Header: header, Body: io.NopCloser(strings.NewReader(string(given.body))),
	}, given.err
}

var someSpans = []*trace.ResourceSpans{{ScopeSpans: []*trace.ScopeSpans{{Spans: []*trace.Span{{Name: "placeOrder"}}}}}}

// upload hands spans to a collector that gives some answers.
func upload(ctx context.Context, to destination, answers ...answer) (*answering, error) {
	server := &answering{answers: answers}
	c := newCollector(to)
	c.client.Transport = server
	return server, c.UploadTraces(ctx, someSpans)
}

func TestSpansArriveAsTheyWere(t *testing.T) {
	for name, compressed := range map[string]bool{"as they are": false, "compressed": true} {
		t.Run(name, func(t *testing.T) {
			to := destination{url: "http://collector/v1/traces", headers: map[string]string{"Api-Key": "k"}, compressed: compressed}
			server, err := upload(t.Context(), to, answer{status: 200})
			if err != nil {
				t.Fatal(err)
			}
			body := io.Reader(strings.NewReader(string(server.body)))
			if compressed {
				if body, err = gzip.NewReader(body); err != nil {
					t.Fatal(err)
				}
			}
			content, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			var got trace.TracesData
			if err := proto.Unmarshal(content, &got); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(&trace.TracesData{ResourceSpans: someSpans}, &got) {
				t.Errorf("got %v", &got)
			}
			told := []string{server.request.URL.String(), server.request.Header.Get("Api-Key"), server.request.Header.Get("Content-Type")}
			if diff := cmp.Diff([]string{to.url, "k", "application/x-protobuf"}, told); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACollectorThatIsBusyIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, err := upload(t.Context(), destination{url: "http://collector"},
			answer{status: 503, retryAfter: "20"}, answer{err: context.DeadlineExceeded}, answer{status: 200})
		if err != nil {
			t.Fatal(err)
		}
		if pause := server.answers[1].asked.Sub(server.answers[0].asked); pause != 20*time.Second {
			t.Errorf("asked again after %s, and was to wait 20s", pause)
		}
		if pause := server.answers[2].asked.Sub(server.answers[1].asked); pause < firstPause || pause > 3*firstPause {
			t.Errorf("asked the third time after %s", pause)
		}
	})
}

func TestSpansThatNobodyTakesAreGivenUp(t *testing.T) {
	reason := append(protowire.AppendVarint([]byte{1 << 3}, 3), append(protowire.AppendVarint([]byte{2<<3 | 2}, 8), "too many"...)...)
	partial := append(protowire.AppendVarint([]byte{1<<3 | 2}, uint64(len(reason))), reason...)
	cases := map[string]struct {
		answer answer
		want   string
	}{
		"refused":               {answer{status: 400, body: []byte("no\n")}, "hand over spans: Bad Request: no"},
		"some are not taken":    {answer{status: 200, body: partial}, "hand over spans: 3 were not taken: too many"},
		"cannot be reached":     {answer{err: errors.New("no route")}, `hand over spans: Post "http://collector": no route`},
		"busy, and time is out": {answer{status: 429, body: []byte("later")}, "hand over spans: Too Many Requests: later\ncontext deadline exceeded"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				if _, err := upload(ctx, destination{url: "http://collector"}, c.answer); err == nil || err.Error() != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
			})
		})
	}
}

func TestAnUploadEndsWithTheCollector(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCollector(destination{url: "http://collector"})
		c.client.Transport = &answering{answers: []answer{{status: 503}}}
		time.AfterFunc(time.Second, func() { _ = c.Stop(t.Context()) })
		if err := c.UploadTraces(t.Context(), someSpans); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhereSpansAreSent(t *testing.T) {
	const of = "OTEL_EXPORTER_OTLP_"
	cases := map[string]struct {
		variables map[string]string
		want      destination
		wrong     string
	}{
		"a base": {
			map[string]string{of + "ENDPOINT": "http://collector:4318/otel/"},
			destination{url: "http://collector:4318/otel/v1/traces", headers: map[string]string{}, timeout: uploadTimeout},
			"",
		},
		"traces alone, as it is": {
			map[string]string{of + "ENDPOINT": "http://collector:4318", of + "TRACES_ENDPOINT": "https://traces/"},
			destination{url: "https://traces/", headers: map[string]string{}, timeout: uploadTimeout},
			"",
		},
		"all that can be set": {
			map[string]string{
				of + "ENDPOINT": "http://collector", of + "HEADERS": " api-key = a%2Cb , x=y", of + "TIMEOUT": "250", of + "COMPRESSION": "gzip",
				of + "TRACES_TIMEOUT": "125",
			},
			destination{
				url: "http://collector/v1/traces", headers: map[string]string{"api-key": "a,b", "x": "y"}, timeout: 125 * time.Millisecond, compressed: true,
			},
			"",
		},
		"no URL":         {map[string]string{of + "ENDPOINT": "collector:4318"}, destination{}, "OTEL_EXPORTER_OTLP_ENDPOINT"},
		"no header":      {map[string]string{of + "ENDPOINT": "http://c", of + "HEADERS": "secret"}, destination{}, "OTEL_EXPORTER_OTLP_HEADERS"},
		"no time":        {map[string]string{of + "ENDPOINT": "http://c", of + "TIMEOUT": "10s"}, destination{}, "OTEL_EXPORTER_OTLP_TIMEOUT"},
		"no certificate": {map[string]string{of + "ENDPOINT": "http://c", of + "CERTIFICATE": "/none"}, destination{}, "OTEL_EXPORTER_OTLP_CERTIFICATE"},
		"another format": {map[string]string{of + "ENDPOINT": "http://c", of + "PROTOCOL": "http/json"}, destination{}, "OTEL_EXPORTER_OTLP_PROTOCOL"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for name, value := range c.variables {
				t.Setenv(name, value)
			}
			got, err := readDestination()
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "secret") {
					t.Errorf("got %v, want something about %s", err, c.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got.tls = nil
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(destination{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
