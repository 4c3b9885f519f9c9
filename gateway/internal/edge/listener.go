package edge

import (
	"net"
	"sync"
	"time"
)

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
	return &timed{Conn: conn, patience: l.patience}, nil
}

// full is the size of net/http's buffer: when it is written full, what did not fit into it nearly always follows at once.
const full = 4 << 10

// heldFor is how long what may be followed by more waits for that.
const heldFor = time.Millisecond

var fulls = sync.Pool{New: func() any { return new([full]byte) }}

// timed is a connection that sends what net/http writes in two parts, because it is larger than its buffer, in one packet.
type timed struct {
	net.Conn
	patience time.Duration

	mu sync.Mutex
	// held is not yet sent; late sends it if nothing follows.
	held   *[full]byte
	late   *time.Timer
	failed error
}

func (c *timed) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.failed != nil:
		return 0, c.failed
	case c.held != nil:
		return len(p), c.send(p)
	case len(p) == full:
		c.held = fulls.Get().(*[full]byte)
		copy(c.held[:], p)
		if c.late == nil {
			c.late = time.AfterFunc(heldFor, c.sendLate)
		} else {
			c.late.Reset(heldFor)
		}
		return len(p), nil
	}
	if err := c.SetWriteDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// send sends what is held, and what follows.
func (c *timed) send(next []byte) error {
	c.late.Stop()
	held := c.held
	c.held = nil
	defer fulls.Put(held)
	if c.failed = c.SetWriteDeadline(time.Now().Add(c.patience)); c.failed == nil {
		both := net.Buffers{held[:], next}
		_, c.failed = both.WriteTo(c.Conn)
	}
	return c.failed
}

func (c *timed) sendLate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		_ = c.send(nil)
	}
}

// Close sends what is held before.
func (c *timed) Close() error {
	c.sendLate()
	return c.Conn.Close()
}
