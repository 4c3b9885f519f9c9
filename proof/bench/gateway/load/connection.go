// Package load sends one request again and again over HTTP/1.1, as cheaply as can be, so that it is the server that is measured.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

// Target is what is asked of whom.
type Target struct {
	// Address is host and port.
	Address string
	Path    string
	// Body is JSON.
	Body []byte
	// Token is sent as a bearer, another with each request; nil for none.
	Token func() string
	// Want is what each answer has to be, byte for byte.
	Want []byte
}

// head is what each request begins with.
func (t Target) head() []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: %d\r\n",
		t.Path, t.Address, len(t.Body))
}

// Connection is kept open between requests, of which there is one at a time.
type Connection struct {
	target  Target
	head    []byte
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
	body    []byte
}

// Dial connects to a target.
func Dial(ctx context.Context, target Target) (*Connection, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", target.Address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &Connection{target: target, head: target.head(), conn: conn, reader: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// Close closes the connection, which fails a request that is under way.
func (c *Connection) Close() { _ = c.conn.Close() }

// Ask sends the request and reads what it is answered, which is good until the next. The connection is of no use after an error.
func (c *Connection) Ask() (status int, body []byte, err error) {
	c.request = append(c.request[:0], c.head...)
	if c.target.Token != nil {
		c.request = append(c.request, "Authorization: Bearer "...)
		c.request = append(c.request, c.target.Token()...)
		c.request = append(c.request, "\r\n"...)
	}
	c.request = append(c.request, "\r\n"...)
	c.request = append(c.request, c.target.Body...)
	if _, err := c.conn.Write(c.request); err != nil {
		return 0, nil, fmt.Errorf("send request: %w", err)
	}
	status, length, err := c.readHead()
	if err != nil {
		return 0, nil, fmt.Errorf("read head: %w", err)
	}
	c.body = c.body[:0]
	if length >= 0 {
		err = c.read(length)
	} else {
		err = c.readChunks()
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read body: %w", err)
	}
	return status, c.body, nil
}

// Want asks, and fails if the answer is not the one wanted.
func (c *Connection) Want() error {
	status, body, err := c.Ask()
	switch {
	case err != nil:
		return err
	case status != 200 || !bytes.Equal(body, c.target.Want):
		at := differ(body, c.target.Want)
		return fmt.Errorf("answered other than wanted, with status %d, from byte %d on: %.300q", status, at, body[at:])
	default:
		return nil
	}
}

// differ is where two answers begin to differ.
func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// chunked is the length of a body that is sent in chunks.
const chunked = -1

// readHead reads up to the body.
func (c *Connection) readHead() (status, length int, err error) {
	line, err := c.line()
	if err != nil {
		return 0, 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, 0, fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, fmt.Errorf("status line %q: %w", line, err)
	}
	for {
		if line, err = c.line(); err != nil || len(line) == 0 {
			return status, length, err
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, 0, fmt.Errorf("content length: %w", err)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")) && bytes.EqualFold(value, []byte("chunked")):
			length = chunked
		}
	}
}

func (c *Connection) line() ([]byte, error) {
	line, err := c.reader.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

// read reads n bytes of the body.
func (c *Connection) read(n int) error {
	at := len(c.body)
	c.body = append(c.body, make([]byte, n)...)
	_, err := io.ReadFull(c.reader, c.body[at:])
	return err
}

func (c *Connection) readChunks() error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 31)
		if err != nil {
			return fmt.Errorf("size of a chunk: %w", err)
		}
		if err := c.read(int(n)); err != nil {
			return err
		}
		if line, err = c.line(); err != nil {
			return err
		}
		if len(line) > 0 {
			return errors.New("a chunk is longer than it says, or there are trailers")
		}
		if n == 0 {
			return nil
		}
	}
}
