package edge

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"quadrille.dev/gateway/internal/fault"
)

// limited refuses bodies that are too large or come too slowly.
func limited(config Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.ContentLength != 0 {
			control := http.NewResponseController(w)
			_ = control.SetReadDeadline(time.Now().Add(config.BodyWithin)) // not all connections can
			body := new(taken)
			body.Grow(int(min(max(r.ContentLength, 0), mostAhead)) + bytes.MinRead)
			if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, config.MaxBody)); err != nil {
				refuse(w, r, unread(err)) // before the deadline is lifted, for the server goes on reading the rest
				return
			}
			_ = control.SetReadDeadline(time.Time{})
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// mostAhead bounds the memory that there is for a body before it is there.
const mostAhead = 64 << 10

// taken is a body that was read.
type taken struct{ bytes.Buffer }

// Close is nothing to it.
func (*taken) Close() error { return nil }

// bodyOf reads a body, unless it was.
func bodyOf(r *http.Request) ([]byte, error) {
	if read, is := r.Body.(*taken); is {
		return read.Bytes(), nil
	}
	return io.ReadAll(r.Body)
}

func unread(err error) error {
	if large, is := errors.AsType[*http.MaxBytesError](err); is {
		return fault.TooMany("The request is larger than %d bytes.", large.Limit)
	}
	return fault.BadInput("The request's body could not be read.")
}
