// Package rabbit connects to RabbitMQ and stays connected: it owns reconnection, topology, confirms and names.
//
// A connection that fails is thrown away with its channels and a new one is built; nothing of the old one is recovered, so
// nothing of it can leak. Publishing and consuming use separate connections, because a broker that is short of memory or disk
// stops reading from connections that publish.
package rabbit

import (
	"cmp"
	"context"
	"log/slog"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Config says whom to connect to, and as whom.
type Config struct {
	// URL is amqp://user:password@host:port/vhost.
	URL string
	// ManagementURL is the broker's management API, http://user:password@host:port; empty if there is none.
	ManagementURL string
	// Name is the context's, or another program's that only listens to signals.
	Name string
	// Console is the URL of the page about the program in the operator console, which people find on its connections and consumers. It
	// may be empty.
	Console string
	// Log is slog.Default() unless set.
	Log *slog.Logger
}

// table is what a consumer's arguments say to people who read them.
func (c Config) table() amqp.Table {
	if c.Console == "" {
		return nil
	}
	return amqp.Table{"console": c.Console}
}

// Broker is a context's link to RabbitMQ. Publishing and consuming use separate connections.
type Broker struct {
	config     Config
	log        *slog.Logger
	publishing *link
	consuming  *link
	signals    chan signal
	close      context.CancelFunc
	running    sync.WaitGroup
}

// New prepares a broker. It connects when it is first used, and again whenever a connection is lost.
func New(config Config) *Broker {
	root, stop := context.WithCancel(context.Background())
	log := cmp.Or(config.Log, slog.Default()).With("component", "rabbit")
	b := &Broker{config: config, log: log, signals: make(chan signal, signalBuffer), close: stop}
	b.publishing = newLink(root, config, publisherRole, log)
	b.publishing.prepare = b.declareOwn
	b.consuming = newLink(root, config, consumerRole, log)
	b.running.Go(func() { b.sendSignals(root) })
	return b
}

// Name is the name of the context that the broker speaks for.
func (b *Broker) Name() string { return b.config.Name }

// Close ends both connections. Messages that were not acknowledged go back to their queues.
func (b *Broker) Close() {
	b.close()
	b.publishing.close()
	b.consuming.close()
	b.running.Wait()
}
