package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const (
	// uploadLimit bounds all tries to hand over spans together.
	uploadLimit = time.Minute
	// firstPause is after the first failure that may pass, and doubled with each up to longestPause.
	firstPause   = 5 * time.Second
	longestPause = 30 * time.Second
	// answerLimit bounds how many bytes are read of what a collector answers.
	answerLimit = 64 << 10
)

// collector hands spans to those who collect them, by OTLP over HTTP, in protobuf. It stands in for OpenTelemetry's own client, with which
// every program would carry all of gRPC, and templates, whose use of reflection has the linker keep every method of every type.
type collector struct {
	to     destination
	client *http.Client
	// stopped ends what is still under way.
	stopped context.Context
	stop    context.CancelFunc
}

func newCollector(to destination) *collector {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = to.tls
	c := &collector{to: to, client: &http.Client{Transport: transport, Timeout: to.timeout}}
	c.stopped, c.stop = context.WithCancel(context.Background())
	return c
}

// Start does nothing: a connection is made when there are spans.
func (c *collector) Start(context.Context) error { return nil }

// Stop gives up what is under way.
func (c *collector) Stop(context.Context) error {
	c.stop()
	c.client.CloseIdleConnections()
	return nil
}

// UploadTraces hands spans over, again after a while if the collector cannot take them now.
func (c *collector) UploadTraces(ctx context.Context, spans []*trace.ResourceSpans) error {
	ctx, cancel := context.WithTimeout(ctx, uploadLimit)
	defer cancel()
	defer context.AfterFunc(c.stopped, cancel)()
	// As bytes, this is what the collector's service takes, whose Go package brings gRPC along.
	body, err := proto.Marshal(&trace.TracesData{ResourceSpans: spans})
	if err != nil {
		return fmt.Errorf("write spans: %w", err)
	}
	if c.to.compressed {
		if body, err = compress(body); err != nil {
			return fmt.Errorf("compress spans: %w", err)
		}
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := c.upload(ctx, body)
		busy, passes := errors.AsType[*busyError](err)
		if !passes {
			return err
		}
		select {
		case <-time.After(max(busy.pause, pause/2+rand.N(pause))):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

// busyError is a failure that may pass.
type busyError struct {
	cause error
	// pause is for how long the collector asks not to be asked again.
	pause time.Duration
}

func (e *busyError) Error() string { return e.cause.Error() }
func (e *busyError) Unwrap() error { return e.cause }

func (c *collector) upload(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.to.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("hand over spans: %w", err)
	}
	for name, value := range c.to.headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	if c.to.compressed {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := c.client.Do(request)
	if err != nil {
		var late interface{ Timeout() bool }
		if errors.As(err, &late) && late.Timeout() && ctx.Err() == nil {
			return &busyError{cause: err}
		}
		return fmt.Errorf("hand over spans: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return fmt.Errorf("hand over spans: %w", err)
	}
	return judge(response, answer)
}

var passing = []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// judge is what an answer means.
func judge(response *http.Response, answer []byte) error {
	if response.StatusCode/100 == 2 {
		return rejected(answer)
	}
	refusal := fmt.Errorf("hand over spans: %s: %s", response.Status, bytes.TrimSpace(answer))
	if slices.Contains(passing, response.StatusCode) {
		return &busyError{cause: refusal, pause: retryAfter(response.Header.Get("Retry-After"))}
	}
	return refusal
}

func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 16); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// rejected tells how many spans of those that were handed over a collector did not take, as its answer says.
func rejected(answer []byte) error {
	partial, _ := field[[]byte](answer, 1, protowire.BytesType, protowire.ConsumeBytes)
	spans, _ := field[uint64](partial, 1, protowire.VarintType, protowire.ConsumeVarint)
	reason, _ := field[[]byte](partial, 2, protowire.BytesType, protowire.ConsumeBytes)
	if spans == 0 && len(reason) == 0 {
		return nil
	}
	return fmt.Errorf("hand over spans: %d were not taken: %s", spans, reason)
}

// field finds a field of a message.
func field[T any](message []byte, number protowire.Number, kind protowire.Type, consume func([]byte) (T, int)) (value T, found bool) {
	for len(message) > 0 {
		next, of, n := protowire.ConsumeTag(message)
		if n < 0 {
			return value, false
		}
		message = message[n:]
		if next == number && of == kind {
			value, n = consume(message)
			return value, n >= 0
		}
		if n = protowire.ConsumeFieldValue(next, of, message); n < 0 {
			return value, false
		}
		message = message[n:]
	}
	return value, false
}

func compress(body []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
