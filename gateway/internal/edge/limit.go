package edge

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"quadrille.dev/gateway/internal/fault"
)

const (
	// bodyLimit is in bytes.
	bodyLimit = 1 << 20
	// receiveWithin is how long a client may take to send its request's body.
	receiveWithin = 10 * time.Second
	// takeWithin is how long a client may take none of what it is sent.
	takeWithin = 30 * time.Second
)

// limited refuses bodies that are too large or come too slowly.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.ContentLength != 0 {
			control := http.NewResponseController(w)
			_ = control.SetReadDeadline(time.Now().Add(receiveWithin)) // not all connections can
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
			_ = control.SetReadDeadline(time.Time{})
			if err != nil {
				refuse(w, r, unread(err))
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		next.ServeHTTP(w, r)
	})
}

func unread(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return fault.TooMany("The request is larger than %d bytes.", bodyLimit)
	}
	return fault.BadInput("The request's body could not be read.")
}

// Listener cuts off clients that do not take what they are sent.
func Listener(listener net.Listener) net.Listener { return impatient{listener} }

type impatient struct{ net.Listener }

func (l impatient) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return timed{conn}, nil
}

type timed struct{ net.Conn }

func (c timed) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(takeWithin)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
