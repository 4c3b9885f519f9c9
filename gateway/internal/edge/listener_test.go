package edge_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"quadrille.dev/gateway/internal/edge"
)

// connected are both ends of a connection, that of a server whose patience ends first.
func connected(t *testing.T, patience time.Duration) (server, client net.Conn) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if client, err = new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	if server, err = edge.Listener(listener, patience).Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server, client
}

// Whatever sizes are written, all of it arrives, in order, and without anything to follow.
func TestAllThatIsWrittenArrives(t *testing.T) {
	server, client := connected(t, time.Minute)
	sizes, random := []int{0, 1, 4095, 4096, 4097, 8192, 20_000}, rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var wanted []byte
		for range 1 + random.IntN(4) {
			part := bytes.Repeat([]byte{byte(random.Int())}, sizes[random.IntN(len(sizes))])
			wanted = append(wanted, part...)
			if n, err := server.Write(part); n != len(part) || err != nil {
				t.Fatalf("wrote %d of %d: %v", n, len(part), err)
			}
		}
		got := make([]byte, len(wanted))
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, wanted) {
			t.Fatalf("%d bytes are others: %v", len(wanted), err)
		}
	}
}

func TestWhatIsHeldIsSentBeforeTheEnd(t *testing.T) {
	server, client := connected(t, time.Minute)
	if _, err := server.Write(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(client); len(got) != 4096 || err != nil {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

// A client that takes nothing is cut off, also while something is held.
func TestClientsThatTakeNothingAreCutOff(t *testing.T) {
	for _, size := range []int{4096, 5000} {
		server, _ := connected(t, 50*time.Millisecond)
		var err error
		for deadline := time.Now().Add(time.Minute); err == nil && time.Now().Before(deadline); {
			_, err = server.Write(make([]byte, size))
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d bytes at once: %v", size, err)
		}
	}
}
