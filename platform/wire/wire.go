// Package wire makes calls over HTTP/1.1 on connections that it keeps, and has no goroutines: whoever calls writes and reads. Over HTTP/2, or
// through net/http, every call is handed from goroutine to goroutine four times, which costs more than all else that is done for it.
package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// idleFor is how long a connection is kept without a call.
	idleFor = 90 * time.Second
	// dialTimeout bounds how long a connection may take to come about.
	dialTimeout = time.Second
	// readSize is how much is read at once: most answers, whole.
	readSize = 16 << 10
)

type repeatableKey struct{}

// Repeatable returns a context whose calls may be made twice. Only such calls are made by a Client itself: a connection that was kept may
// turn out to be closed when the call is on its way, and then it is made again on another.
func Repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// Client makes calls. What it does not make itself, because it may not be repeated or is not for plain HTTP, it leaves to another client.
type Client struct {
	other  *http.Client
	dialer net.Dialer

	mu sync.Mutex
	// idle are the lines to each address, the one that was used last behind.
	idle map[string][]*line
}

// NewClient makes a client without connections.
func NewClient(other *http.Client) *Client {
	return &Client{other: other, dialer: net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}, idle: map[string][]*line{}}
}

// Do makes a call. The response is there as a whole.
func (c *Client) Do(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if ctx.Value(repeatableKey{}) == nil || request.URL.Scheme != "http" || request.ContentLength < 0 {
		return c.other.Do(request) //nolint:gosec // G704: it is whoever calls who says where to
	}
	body, err := io.ReadAll(io.LimitReader(request.Body, request.ContentLength))
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	var response *http.Response
	err = c.call(ctx, time.Time{}, Address(request.URL), func(l *line) (ended bool, err error) {
		response, err = l.exchange(request, body) //nolint:bodyclose // it is the caller's
		return err == nil && !response.Close, err
	})
	return response, err
}

// Address is where calls to a URL are made: host and port.
func Address(of *url.URL) string {
	if of.Port() == "" {
		return net.JoinHostPort(of.Hostname(), "80")
	}
	return of.Host
}

// call has one speak on a line to an address: on one that was kept or, should that turn out to be closed, on a new one. One tells whether
// the line is where the next call may begin.
func (c *Client) call(ctx context.Context, deadline time.Time, address string, one func(*line) (ended bool, err error)) error {
	if line := c.take(address); line != nil {
		err := c.on(ctx, deadline, line, one)
		if err == nil || ctx.Err() != nil || line.heard {
			return err
		}
	}
	conn, err := c.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err //nolint:wrapcheck // it says what was dialled
	}
	return c.on(ctx, deadline, newLine(address, conn), one)
}

// on makes a call on a line, and keeps that for the next if it can. If it cannot, all that were kept as long may be broken too.
func (c *Client) on(ctx context.Context, deadline time.Time, line *line, one func(*line) (ended bool, err error)) error {
	reusable, err := line.call(ctx, deadline, one)
	switch {
	case reusable:
		c.keep(line)
	case err != nil:
		c.forget(line.address)
		fallthrough
	default:
		_ = line.conn.Close()
	}
	return err
}

func (c *Client) take(address string) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.idle[address]
	if len(lines) == 0 {
		return nil
	}
	last := lines[len(lines)-1]
	c.idle[address] = lines[:len(lines)-1]
	if time.Since(last.used) > idleFor { // and so is every other
		_ = last.conn.Close()
		hangUp(c.idle[address])
		delete(c.idle, address)
		return nil
	}
	return last
}

// keep also hangs up the line that was used least lately, if that is long ago.
func (c *Client) keep(one *line) {
	one.used = time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := append(c.idle[one.address], one)
	if one.used.Sub(lines[0].used) > idleFor {
		_ = lines[0].conn.Close()
		lines = append(lines[:0], lines[1:]...)
	}
	c.idle[one.address] = lines
}

func (c *Client) forget(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	hangUp(c.idle[address])
	delete(c.idle, address)
}

func hangUp(lines []*line) {
	for _, line := range lines {
		_ = line.conn.Close()
	}
}

// line is a connection, on which there is one call at a time.
type line struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
	out     []byte
	used    time.Time
	// heard is whether anything came back from the last call.
	heard bool
	// limited is whether conn has a deadline.
	limited bool
}

func newLine(address string, conn net.Conn) *line {
	line := &line{address: address, conn: conn}
	line.reader = bufio.NewReaderSize(line, readSize)
	return line
}

// Read is for the reader.
func (l *line) Read(p []byte) (int, error) {
	n, err := l.conn.Read(p)
	l.heard = l.heard || n > 0
	return n, err //nolint:wrapcheck // EOF must stay what it is
}

// call makes a call; it ends with its context, and at a deadline if there is one. After it the line may be reusable.
func (l *line) call(ctx context.Context, deadline time.Time, one func(*line) (ended bool, err error)) (reusable bool, err error) {
	if l.limited || !deadline.IsZero() {
		l.limited = !deadline.IsZero()
		if err := l.conn.SetDeadline(deadline); err != nil {
			return false, fmt.Errorf("set deadline: %w", err)
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = l.conn.SetDeadline(time.Unix(1, 0)) })
	l.heard = false
	ended, err := one(l)
	if !stop() { // and so the deadline is, or will be, in the past
		if err != nil {
			err = ctx.Err()
		}
		return false, err
	}
	return ended && l.reader.Buffered() == 0, err
}

func (l *line) exchange(request *http.Request, body []byte) (*http.Response, error) {
	var err error
	if l.out, err = head(l.out[:0], request, len(body)); err != nil {
		return nil, err
	}
	l.out = append(l.out, body...)
	if _, err := l.conn.Write(l.out); err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	return l.response(request)
}

// response reads what is answered, as a whole.
func (l *line) response(to *http.Request) (*http.Response, error) {
	response, err := http.ReadResponse(l.reader, to)
	if err != nil {
		return nil, fmt.Errorf("read response: %w", err)
	}
	answer, err := readAll(response)
	if err != nil {
		return nil, fmt.Errorf("read response: %w", err)
	}
	response.Body = answer
	return response, nil
}

var errHeader = errors.New("a header has a line break in it")

// head writes what is before the body.
func head(out []byte, request *http.Request, length int) ([]byte, error) {
	out = append(append(append(out, request.Method...), ' '), request.URL.RequestURI()...)
	out = append(append(out, " HTTP/1.1\r\nHost: "...), request.URL.Host...)
	out = strconv.AppendInt(append(out, "\r\nContent-Length: "...), int64(length), 10)
	for name, values := range request.Header {
		for _, value := range values {
			if strings.ContainsAny(value, "\r\n") || strings.ContainsAny(name, "\r\n: ") {
				return out, errHeader
			}
			out = append(append(append(append(out, "\r\n"...), name...), ": "...), value...)
		}
	}
	return append(out, "\r\n\r\n"...), nil
}

// answer is the body of a response, in memory that is used again when it is closed.
type answer struct {
	*bytes.Reader
	buffer *bytes.Buffer
}

// mostKept is how large a buffer may be that is used again.
const mostKept = 1 << 20

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func readAll(response *http.Response) (*answer, error) {
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	if response.ContentLength > 0 {
		buffer.Grow(int(min(response.ContentLength, mostKept)) + bytes.MinRead)
	}
	if _, err := buffer.ReadFrom(response.Body); err != nil {
		return nil, err //nolint:wrapcheck // whoever called wraps
	}
	return &answer{bytes.NewReader(buffer.Bytes()), buffer}, nil
}

// Close may be called once more.
func (a *answer) Close() error {
	a.Reader.Reset(nil)
	if a.buffer != nil && a.buffer.Cap() <= mostKept {
		buffers.Put(a.buffer)
	}
	a.buffer = nil
	return nil
}
