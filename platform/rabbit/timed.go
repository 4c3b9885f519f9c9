package rabbit

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// writeTimeout is how long a broker may take to read what is written. A dead connection is noticed by its heartbeat only while nobody
	// writes: the client library then waits for the writer, and the writer for ever.
	writeTimeout = 2 * heartbeat
	// maxGathered is how many bytes wait for more, so that the broker begins with the first of many.
	maxGathered = 32 << 10
)

// timed is a connection whose writes fail after writeTimeout, unless it was given a deadline. What is written between gather and release
// is sent together.
type timed struct {
	net.Conn
	bounded atomic.Bool

	mu sync.Mutex
	// gathering is how many gather: the relay and the sender of signals may at once.
	gathering int
	gathered  []byte
	// failed is why something written may not have been sent, after which nothing else may be.
	failed error
}

// SetDeadline bounds everything until it is taken back with the zero time. It does not wait for a write.
func (c *timed) SetDeadline(deadline time.Time) error {
	c.bounded.Store(!deadline.IsZero())
	return c.Conn.SetDeadline(deadline)
}

func (c *timed) Write(data []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gathering == 0 {
		return len(data), c.send(data)
	}
	if c.gathered = append(c.gathered, data...); len(c.gathered) < maxGathered {
		return len(data), c.failed
	}
	return len(data), c.flush()
}

// gather has what is written wait for release.
func (c *timed) gather() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathering++
}

// release sends what was gathered, also by others.
func (c *timed) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathering--
	return c.flush()
}

func (c *timed) flush() error {
	if len(c.gathered) == 0 {
		return c.failed
	}
	data := c.gathered
	c.gathered = c.gathered[:0]
	return c.send(data)
}

func (c *timed) send(data []byte) error {
	if c.failed == nil && !c.bounded.Load() {
		c.failed = c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	}
	if c.failed == nil {
		_, c.failed = c.Conn.Write(data)
	}
	return c.failed
}
