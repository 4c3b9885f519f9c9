package outbox_test

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy stands between a relay and the broker. Frozen, it takes nothing more from the relay, as a broker does that is short of
// memory; what the broker says still gets through.
type proxy struct {
	t        testing.TB
	listener net.Listener
	target   *url.URL
	frozen   chan struct{}
	freeze   func()
}

func (b *bench) proxy() *proxy {
	b.t.Helper()
	target, err := url.Parse(b.amqpURL)
	if err != nil {
		b.t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(b.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	p := &proxy{t: b.t, listener: listener, target: target, frozen: make(chan struct{})}
	p.freeze = sync.OnceFunc(func() { close(p.frozen) })
	b.t.Cleanup(func() { _ = listener.Close() })
	go p.serve()
	return p
}

func (p *proxy) url() string {
	through := *p.target
	through.Host = p.listener.Addr().String()
	return through.String()
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
		p.t.Cleanup(func() {
			_ = client.Close()
			_ = server.Close()
		})
		go func() { _, _ = io.Copy(client, server) }()
		go p.forward(server, client)
	}
}

func (p *proxy) forward(server io.Writer, client io.Reader) {
	buffer := make([]byte, 4096)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-p.frozen:
			return
		default:
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}
