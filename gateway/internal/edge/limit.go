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

// limited refuses bodies that are too large or come too slowly.
func limited(config Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.ContentLength != 0 {
			control := http.NewResponseController(w)
			_ = control.SetReadDeadline(time.Now().Add(config.BodyWithin)) // not all connections can
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, config.MaxBody))
			if err != nil {
				refuse(w, r, unread(err)) // before the deadline is lifted, for the server goes on reading the rest
				return
			}
			_ = control.SetReadDeadline(time.Time{})
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		next.ServeHTTP(w, r)
	})
}

func unread(err error) error {
	if large, is := errors.AsType[*http.MaxBytesError](err); is {
		return fault.TooMany("The request is larger than %d bytes.", large.Limit)
	}
	return fault.BadInput("The request's body could not be read.")
}

// Listener cuts off clients that take nothing of what they are sent for so long.
func Listener(listener net.Listener, patience time.Duration) net.Listener {
	return impatient{listener, patience}
}

type impatient struct {
	net.Listener
	patience time.Duration
}

func (l impatient) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return timed{conn, l.patience}, nil
}

type timed struct {
	net.Conn
	patience time.Duration
}

func (c timed) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
