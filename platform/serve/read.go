package serve

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	"quadrille.dev/platform/telemetry"
	"quadrille.dev/platform/wire"
)

// contentType is that of messages in Connect's protocol.
const contentType = "application/proto"

// Read calls a procedure that has no side effects.
type Read[Q, A any] func(context.Context, *Q) (*A, error)

// question is a message that is sent.
type question[Q any] interface {
	*Q
	proto.Message
}

// decoder is a message that reads itself. Its texts are parts of what it is read from.
type decoder[A any] interface {
	*A
	UnmarshalVTUnsafe([]byte) error
}

// Plainly calls a procedure that has no side effects at url, as all does, which is Connect's client with Options, but by writing and reading
// the bytes of Connect's protocol itself: Connect and net/http make of each call, and of each answer, more objects than there are in it. What
// is not a plain answer, as errors are, odd is told, which is Connect's client of Odd. While spans are sent to somebody, all makes the call.
// Answers are taken from a pool, to which whoever is done with one gives it back.
func Plainly[Q, A any, PQ question[Q], PA decoder[A]](
	c Client, at, procedure string, pool func() *A, all, odd func(context.Context, *Q) (*A, error),
) Read[Q, A] {
	to, err := url.Parse(at)
	if err != nil || to.Scheme != "http" || telemetry.Exports() {
		return all
	}
	address := wire.Address(to)
	head := "POST " + to.EscapedPath() + procedure + " HTTP/1.1\r\nHost: " + to.Host +
		"\r\nContent-Type: " + contentType + "\r\nAccept-Encoding: identity\r\nConnect-Protocol-Version: 1"
	return func(ctx context.Context, request *Q) (answer *A, err error) {
		err = c.Neighbour.Read(ctx, procedure, address, func(ctx context.Context) error {
			body, response, err := c.wire.Call(ctx, address, contentType, func(out []byte) ([]byte, error) { //nolint:bodyclose // odd does
				return c.appendRequest(ctx, procedure, append(out, head...), PQ(request))
			})
			switch {
			case err != nil:
				return err //nolint:wrapcheck // it becomes what the neighbour did not do
			case response != nil:
				answer, err = odd(context.WithValue(ctx, answered{}, response), request)
				return err
			}
			answer = pool()
			if err := PA(answer).UnmarshalVTUnsafe(body); err != nil {
				return fmt.Errorf("read answer: %w", err)
			}
			return nil
		})
		return answer, err
	}
}

// appendRequest appends what a request has behind what all have.
func (c Client) appendRequest(ctx context.Context, procedure string, out []byte, message proto.Message) ([]byte, error) {
	scheme, secret := authorization(ctx, c.credential)
	if strings.ContainsAny(secret, "\r\n") {
		return nil, errors.New("what the caller is known by has a line break in it")
	}
	out = append(append(append(append(out, "\r\nAuthorization: "...), scheme...), ' '), secret...)
	out = appendTrace(ctx, procedure, out)
	if deadline, ok := ctx.Deadline(); ok {
		out = strconv.AppendInt(append(out, "\r\nConnect-Timeout-Ms: "...), max(0, time.Until(deadline).Milliseconds()), 10)
	}
	size := proto.MarshalOptions{}
	out = strconv.AppendInt(append(out, "\r\nContent-Length: "...), int64(size.Size(message)), 10)
	size.UseCachedSize = true
	out, err := size.MarshalAppend(append(out, "\r\n\r\n"...), message)
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	return out, nil
}

// appendTrace appends the trace that a call belongs to, as W3C's Trace Context writes it; one that begins with the call if there is none.
func appendTrace(ctx context.Context, procedure string, out []byte) []byte {
	ctx, end := inTrace(ctx, procedure)
	defer end()
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return out
	}
	id, by := span.TraceID(), span.SpanID()
	out = hex.AppendEncode(append(out, "\r\nTraceparent: 00-"...), id[:])
	out = hex.AppendEncode(append(out, '-'), by[:])
	out = hex.AppendEncode(append(out, '-'), []byte{byte(span.TraceFlags() & trace.FlagsSampled)})
	if state := span.TraceState().String(); state != "" {
		out = append(append(out, "\r\nTracestate: "...), state...)
	}
	return out
}

// answered is the key of a response that is there.
type answered struct{}

// already answers a request by the response that is there.
type already struct{}

// Do implements [connect.HTTPClient].
func (already) Do(request *http.Request) (*http.Response, error) {
	response, ok := request.Context().Value(answered{}).(*http.Response)
	if !ok {
		return nil, connect.NewError(connect.CodeInternal, errors.New("nothing was answered"))
	}
	response.Request = request
	return response, nil
}
