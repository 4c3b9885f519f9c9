// Package rabbit connects to RabbitMQ and stays connected: it owns reconnection, topology, confirms and names.
package rabbit

import "context"

// Broker is a context's link to RabbitMQ. Publishing and consuming use separate connections.
type Broker struct{}

// Signal publishes to the context's signals, best effort: transient, unconfirmed, dropped while there is no connection. The
// routing key is aggregate and fact, such as "saga.changed"; the message is JSON.
func (b *Broker) Signal(ctx context.Context, key string, message any) {}

// Listen hands over the signals of another context that match key, from an exclusive queue that lives as long as the
// connection, until ctx ends. Signals sent while there is no connection are lost; reconnected is called after each
// (re)connection, so that the listener can catch up by other means.
func (b *Broker) Listen(ctx context.Context, context, key string, reconnected func(), handle func(key string, message []byte)) error {
	return nil
}
