package rabbit

import (
	"net"
	"sync/atomic"
	"time"
)

// writeTimeout is how long a broker may take to read what is written. A dead connection is noticed by its heartbeat only while nobody
// writes: the client library then waits for the writer, and the writer for ever.
const writeTimeout = 2 * heartbeat

// timed is a connection whose writes fail after writeTimeout, unless it was given a deadline.
type timed struct {
	net.Conn
	bounded atomic.Bool
}

// SetDeadline bounds everything until it is taken back with the zero time.
func (c *timed) SetDeadline(deadline time.Time) error {
	c.bounded.Store(!deadline.IsZero())
	return c.Conn.SetDeadline(deadline)
}

func (c *timed) Write(data []byte) (int, error) {
	if !c.bounded.Load() {
		if err := c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(data)
}
