package rabbit

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAWriteThatNobodyReadsFails(t *testing.T) {
	for name, c := range map[string]struct{ deadline, want time.Duration }{
		"of itself":       {0, writeTimeout},
		"at its deadline": {time.Second, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer theirs.Close()
			conn := &timed{Conn: ours}
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
		})
	}
}

// packets is a network that keeps each write apart, and can be cut.
type packets struct {
	net.Conn
	sent []string
	cut  bool
}

func (p *packets) SetWriteDeadline(time.Time) error { return nil }

func (p *packets) Write(data []byte) (int, error) {
	if p.cut {
		return 0, io.ErrClosedPipe
	}
	p.sent = append(p.sent, string(data))
	return len(data), nil
}

func TestWhatIsGatheredIsSentTogetherAndInOrder(t *testing.T) {
	network := &packets{}
	conn := &timed{Conn: network}
	write := func(data string) {
		t.Helper()
		if _, err := conn.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	large := strings.Repeat("x", maxGathered)
	write("before")
	conn.gather()
	write("a")
	write("b")
	if len(network.sent) != 1 {
		t.Errorf("sent %d packets while gathering", len(network.sent))
	}
	write(large)
	write("c")
	if err := conn.release(); err != nil {
		t.Fatal(err)
	}
	write("after")
	if got, want := strings.Join(network.sent, "|"), strings.Join([]string{"before", "ab" + large, "c", "after"}, "|"); got != want {
		t.Errorf("sent %d bytes in %d packets, want %d", len(got), len(network.sent), len(want))
	}
}

// A relay and the sender of signals share a connection: neither waits for the other's release.
func TestTwoGatherAtOnce(t *testing.T) {
	network := &packets{}
	conn := &timed{Conn: network}
	write := func(data string) {
		t.Helper()
		if _, err := conn.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	release := func() {
		t.Helper()
		if err := conn.release(); err != nil {
			t.Fatal(err)
		}
	}
	conn.gather()
	write("a")
	conn.gather()
	write("b")
	release()
	write("c")
	write("d")
	release()
	write("e")
	if got := strings.Join(network.sent, "|"); got != "ab|cd|e" {
		t.Errorf("sent %s", got)
	}
}

// Half a frame may have left: what came behind it would be read as its rest.
func TestNothingIsSentAfterAWriteThatFailed(t *testing.T) {
	network := &packets{cut: true}
	conn := &timed{Conn: network}
	conn.gather()
	if _, err := conn.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := conn.release(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("release: %v", err)
	}
	network.cut = false
	if _, err := conn.Write([]byte("b")); !errors.Is(err, io.ErrClosedPipe) || len(network.sent) != 0 {
		t.Errorf("then %v, sent %q", err, network.sent)
	}
}
