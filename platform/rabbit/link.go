package rabbit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// What a connection is for, the last word of its name.
const (
	publisherRole = "publisher"
	consumerRole  = "consumer"
)

const (
	dialTimeout  = 10 * time.Second
	closeTimeout = 2 * time.Second
	heartbeat    = 10 * time.Second
)

var reconnect = Backoff{First: 100 * time.Millisecond, Most: 5 * time.Second}

// ErrClosed is the answer of a broker after Close.
var ErrClosed = errors.New("broker is closed")

// link keeps one connection. Whoever needs it asks for it, and the first to find it missing dials.
type link struct {
	root    context.Context
	config  Config
	role    string
	log     *slog.Logger
	prepare func(*amqp.Connection) error
	// turn holds a token while someone dials; it guards conn, and wire, which is below conn.
	turn    chan struct{}
	conn    *amqp.Connection
	wire    *timed
	blocked atomic.Bool
}

func newLink(root context.Context, config Config, role string, log *slog.Logger) *link {
	return &link{root: root, config: config, role: role, log: log.With("connection", role), turn: make(chan struct{}, 1)}
}

// connection answers the open connection, after dialling with backoff for as long as it takes or until ctx ends.
func (l *link) connection(ctx context.Context) (*amqp.Connection, error) {
	conn, _, err := l.wired(ctx)
	return conn, err
}

// wired answers the open connection, as connection does, and what is below it.
func (l *link) wired(ctx context.Context) (*amqp.Connection, *timed, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.root, cancel)()
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, nil, l.ended(ctx)
	}
	for failures := 1; ; failures++ {
		if ctx.Err() != nil {
			return nil, nil, l.ended(ctx)
		}
		if l.conn != nil && !l.conn.IsClosed() {
			return l.conn, l.wire, nil
		}
		conn, wire, err := l.dial(ctx)
		if err != nil {
			l.log.Warn("cannot connect to RabbitMQ", "failures", failures, "error", err)
			_ = reconnect.Wait(ctx, failures)
			continue
		}
		l.log.Info("connected to RabbitMQ")
		l.conn, l.wire = conn, wire
	}
}

func (l *link) ended(ctx context.Context) error {
	if l.root.Err() != nil {
		return ErrClosed
	}
	return fmt.Errorf("connect to RabbitMQ: %w", ctx.Err())
}

func (l *link) dial(ctx context.Context) (conn *amqp.Connection, wire *timed, err error) {
	conn, err = amqp.DialConfig(l.config.URL, amqp.Config{
		Properties: l.properties(),
		Heartbeat:  heartbeat,
		Dial: func(network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			wire = &timed{Conn: conn}
			return wire, wire.SetDeadline(time.Now().Add(dialTimeout))
		},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("dial: %w", err)
	}
	l.watch(conn)
	if l.prepare != nil {
		if err := l.prepare(conn); err != nil {
			_ = conn.CloseDeadline(time.Now().Add(closeTimeout))
			return nil, nil, err
		}
	}
	return conn, wire, nil
}

// properties are what people read of the connection.
func (l *link) properties() amqp.Table {
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName(fullName(l.config.Name, l.role))
	properties["information"] = map[string]string{
		publisherRole: "declares what belongs to " + l.config.Name + ", and publishes what it says",
		consumerRole:  "brings " + l.config.Name + " what it listens to",
	}[l.role]
	if l.config.Console != "" {
		properties["console"] = l.config.Console
	}
	return properties
}

// watch notes while the broker takes no messages. The goroutine ends with the connection.
func (l *link) watch(conn *amqp.Connection) {
	l.blocked.Store(false)
	blockings := conn.NotifyBlocked(make(chan amqp.Blocking, 8))
	go func() {
		for blocking := range blockings {
			l.blocked.Store(blocking.Active)
			l.log.Warn("RabbitMQ blocks publishers", "blocked", blocking.Active, "reason", blocking.Reason)
		}
		l.blocked.Store(false)
	}()
}

// channel opens a channel on the connection.
func (l *link) channel(ctx context.Context) (*amqp.Channel, error) {
	conn, err := l.connection(ctx)
	if err != nil {
		return nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, fmt.Errorf("open channel: %w", err)
	}
	return ch, nil
}

// closeChannel ends a channel. One that cannot be closed is closed already.
func closeChannel(ch *amqp.Channel) { _ = ch.Close() }

// close follows the end of root, so nobody dials any more.
func (l *link) close() {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.conn != nil {
		_ = l.conn.CloseDeadline(time.Now().Add(closeTimeout))
	}
}

// fullName is what a person reads in the management console: "inventory@host#4711 publisher".
func fullName(name, role string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s@%s#%d %s", name, host, os.Getpid(), role)
}
