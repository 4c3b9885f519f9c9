package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
)

// Call makes a call that may be repeated: what write appends, head and body, is written as it is. An answer that is plain comes as its body,
// in memory of its own: 200, of the content type, of a length that is told, not encoded, on a connection that stays. Any other comes as odd,
// which is there as a whole. The call ends with ctx, at whose deadline it looks itself.
func (c *Client) Call(ctx context.Context, address, contentType string, write func(out []byte) ([]byte, error)) (
	body []byte, odd *http.Response, err error,
) {
	deadline, _ := ctx.Deadline()
	err = c.call(ctx, deadline, address, func(l *line) (ended bool, err error) {
		if l.out, err = write(l.out[:0]); err != nil {
			return false, err
		}
		if _, err := l.conn.Write(l.out); err != nil {
			return false, fmt.Errorf("write request: %w", err)
		}
		body, odd, err = l.receive(contentType) //nolint:bodyclose // it is the caller's
		return err == nil && (odd == nil || !odd.Close), err
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = context.DeadlineExceeded
	}
	return body, odd, err
}

func (l *line) receive(contentType string) (body []byte, odd *http.Response, err error) {
	// Once there is something there is the whole head, nearly always.
	if _, err := l.reader.Peek(1); err != nil {
		return nil, nil, fmt.Errorf("read response: %w", err)
	}
	buffered, _ := l.reader.Peek(l.reader.Buffered())
	if head, length, plain := plainHead(buffered, contentType); plain {
		_, _ = l.reader.Discard(head)
		body = make([]byte, length)
		if _, err := io.ReadFull(l.reader, body); err != nil {
			return nil, nil, fmt.Errorf("read response: %w", err)
		}
		return body, nil, nil
	}
	odd, err = l.response(nil)
	return nil, odd, err
}

// mostPlain bounds the body for which there is memory before it is there.
const mostPlain = 16 << 20

// plainHead finds the end of a head, and how long the body is that follows; plain only if nothing else is to be known of it.
func plainHead(answer []byte, contentType string) (end, length int, plain bool) {
	line, end := nextLine(answer, 0)
	if !bytes.Equal(line, []byte("HTTP/1.1 200 OK")) {
		return 0, 0, false
	}
	length, typed := -1, false
	for {
		if line, end = nextLine(answer, end); end < 0 {
			return 0, 0, false
		}
		if len(line) == 0 {
			return end, length, length >= 0 && typed
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case is(name, "content-length"):
			told, err := strconv.ParseUint(string(value), 10, 31)
			if err != nil || length >= 0 || told > mostPlain {
				return 0, 0, false
			}
			length = int(told)
		case is(name, "content-type"):
			typed = string(value) == contentType
		case is(name, "transfer-encoding"), is(name, "content-encoding"), is(name, "connection"), is(name, "trailer"):
			return 0, 0, false
		}
	}
}

// is tells whether a header has a name, which is in small letters.
func is(header []byte, name string) bool {
	return len(header) == len(name) && bytes.EqualFold(header, []byte(name))
}

// nextLine is the line that begins at a place, and where the one behind it does; negative if it does not end.
func nextLine(text []byte, from int) (line []byte, next int) {
	length := bytes.IndexByte(text[from:], '\n')
	if length < 0 {
		return nil, -1
	}
	return bytes.TrimSuffix(text[from:from+length], []byte("\r")), from + length + 1
}
