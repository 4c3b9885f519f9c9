package server_test

import (
	"net"
	"strconv"
	"sync"
	"testing"

	"quadrille.dev/stack/internal/server"
)

func TestNoPortIsGivenTwice(t *testing.T) {
	t.Parallel()
	var (
		mu    sync.Mutex
		given = map[int]bool{}
		all   sync.WaitGroup
	)
	for range 8 {
		all.Go(func() {
			ports, err := server.FreePorts(100)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, port := range ports {
				if given[port] {
					t.Errorf("%d was given twice", port)
				}
				given[port] = true
			}
		})
	}
	all.Wait()
}

func TestAPortThatIsTakenIsNotPreferred(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, text, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	taken, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	if port, err := server.PreferredPort(taken); err != nil || port == taken {
		t.Errorf("got %d, %v", port, err)
	}
}
