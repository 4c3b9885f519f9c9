package rabbit

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

func TestAWriteThatNobodyReadsFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		conn := &timed{Conn: ours}
		for name, c := range map[string]struct{ deadline, want time.Duration }{
			"of itself":       {0, writeTimeout},
			"at its deadline": {time.Second, time.Second},
		} {
			var deadline time.Time
			if c.deadline > 0 {
				deadline = time.Now().Add(c.deadline)
			}
			if err := conn.SetDeadline(deadline); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			_, err := conn.Write([]byte("x"))
			if took := time.Since(begun); !errors.Is(err, os.ErrDeadlineExceeded) || took != c.want {
				t.Errorf("%s: %v after %s, want %s", name, err, took, c.want)
			}
		}
	})
}
