package outbox_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a relay and a server. What it holds back arrives when it is let go: so is a network that has failed for a while, a
// process that does not get on, or a broker that reads nothing because it is short of memory.
type proxy struct {
	t        testing.TB
	listener net.Listener
	target   *url.URL
	// toServer and toRelay are the two directions.
	toServer, toRelay valve

	mu    sync.Mutex
	conns []net.Conn
}

// valve holds back what is written through it, or lets it pass.
type valve struct {
	mu   sync.Mutex
	held atomic.Int64
}

// hold closes the valve until the answer is called, or the test ends.
func (v *valve) hold(t testing.TB) (release func()) {
	t.Helper()
	v.mu.Lock()
	release = sync.OnceFunc(v.mu.Unlock)
	t.Cleanup(release)
	return release
}

// holding tells whether anyone waits to write.
func (v *valve) holding() bool { return v.held.Load() > 0 }

// pass copies until an end closes, and does not tell the other of it: the network's peers do not see each other.
func (v *valve) pass(to io.Writer, from io.Reader) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		v.held.Add(1)
		v.mu.Lock()
		v.held.Add(-1)
		_, err = to.Write(buffer[:n])
		v.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// proxyTo stands before the server of a URL.
func proxyTo(t testing.TB, server string) *proxy {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, listener: listener, target: target}
	t.Cleanup(p.close)
	go p.serve()
	return p
}

func (p *proxy) url() string {
	through := *p.target
	through.Host = p.listener.Addr().String()
	return through.String()
}

// cut ends the connections that there are.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}

// close ends the connections that there are, and admits no more.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.cut()
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(p.t.Context(), "tcp", p.target.Host)
		if err != nil {
			_ = client.Close()
			return
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		go p.toRelay.pass(client, server)
		go p.toServer.pass(server, client)
	}
}
