package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/stack/local"
)

// committers are how many sessions commit at once, each number in turn; the best counts.
var committers = []int{8, 16, 32}

// atHand is how many messages a consumer acknowledges together at most.
const atHand = 200

// footprint is what one saga leaves on the servers, on average.
type footprint struct {
	// commits are transactions that change something, with so many rows in all of them together.
	commits, inserted, updated, deleted float64
	// log is how many bytes of write-ahead log there are of that.
	log float64
	// messages are what is published, as it was published.
	messages []sample
}

// sample is a message and where it is published.
type sample struct {
	exchange, key string
	amqp.Publishing
}

// limit is how many sagas a second PostgreSQL and RabbitMQ have room for when nothing else is done: sessions commit transactions as many as
// sagas do, which insert, update and delete as many rows, in a table of nothing but a key, a number to change and so many bytes that about as
// much is written ahead; after each commit its share of one real saga's own messages is published at once, byte for byte, with confirms, to
// exchanges and quorum queues of the same names, bindings and policies, the stream among them, from where they are consumed and acknowledged.
//
// It does all this as well as it can: a transaction is one round trip of at most three prepared statements; sessions, publishing channels and
// queues depend on each other in nothing, so that no saga waits for itself; up to 500 messages of each publisher are unconfirmed; what has
// been delivered is acknowledged together. No row is read first, nothing is decoded, and nobody overhears: the reading transactions of the
// system are not in it, nor its signals, nor HTTP.
func (s *shop) limit(b *testing.B, of footprint, committers int, lasting time.Duration) bare {
	b.Helper()
	p := openBare(b, of)
	before := s.read(b)
	began := time.Now()
	ctx, stop := context.WithTimeout(b.Context(), lasting)
	defer stop()
	var committed atomic.Int64
	var committing sync.WaitGroup
	for i := range committers {
		committing.Go(func() { committed.Add(p.commit(ctx, b, i)) })
	}
	committing.Wait()
	p.drain(b)
	took := time.Since(began)
	sagas := float64(committed.Load()) / of.commits
	return bare{committers, sagas, sagas / took.Seconds(), s.read(b).since(before), p.consumed.Load()}
}

// bare is what came of the limit.
type bare struct {
	committers       int
	sagas, perSecond float64
	cost             cost
	consumed         int64
}

// bareServers do what the limit is made of.
type bareServers struct {
	footprint
	url   string
	bytes int
	// lanes are by exchange. publishing ends when they are closed and all that was in them is confirmed.
	lanes      map[string]chan sample
	publishing sync.WaitGroup
	// queues are those with a consumer.
	queues   *amqp.Channel
	consumed atomic.Int64
}

func openBare(b *testing.B, of footprint) *bareServers {
	b.Helper()
	p := &bareServers{footprint: of, url: plainTable(b), bytes: of.bytes(), lanes: map[string]chan sample{}}
	p.connect(b)
	return p
}

// bytes is how many a row has, so that about as much is written ahead as sagas do. What is written of a commit and of each row beside is as
// seen; what came of it is printed.
func (f footprint) bytes() int {
	beside := 50*f.commits + 150*f.inserted + 100*f.updated + 60*f.deleted
	return max(16, int((f.log-beside)/f.inserted))
}

// plainTable is the URL of a database with the table for all rows.
func plainTable(b *testing.B) string {
	b.Helper()
	server := testkit.Postgres(b)
	conn, err := pgx.Connect(b.Context(), server)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(b.Context(), `CREATE TABLE plain (session integer, n bigint, changes bigint, bytes bytea, PRIMARY KEY (session, n))`); err != nil {
		b.Fatal(err)
	}
	return server
}

// connect begins to publish and to consume.
func (p *bareServers) connect(b *testing.B) {
	b.Helper()
	address := declared(b)
	p.queues = dial(b, address)
	for _, context := range rabbit.Contexts {
		p.consume(b, address, rabbit.InboxQueue(context))
	}
	for _, m := range p.messages {
		if p.lanes[m.exchange] == nil {
			p.lanes[m.exchange] = make(chan sample, window)
			p.publish(b, address, p.lanes[m.exchange])
		}
	}
}

// declared is the address of a virtual host of its own, with all that the system declares in it.
func declared(b *testing.B) (address string) {
	b.Helper()
	address = testkit.RabbitMQ(b)
	vhost := address[strings.LastIndexByte(address, '/')+1:]
	definitions := rabbit.Define(vhost, local.Members())
	definitions.VHosts, definitions.Users, definitions.Permissions = []rabbit.VHost{}, []rabbit.User{}, []rabbit.Permission{} // are there
	text, err := json.Marshal(definitions)
	if err != nil {
		b.Fatal(err)
	}
	testkit.Manage(b, http.MethodPost, "/api/definitions", string(text))
	return address
}

func dial(b *testing.B, address string) *amqp.Channel {
	b.Helper()
	conn, err := amqp.Dial(address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	channel, err := conn.Channel()
	if err != nil {
		b.Fatal(err)
	}
	return channel
}

// consume acknowledges what a queue delivers, whenever there is no more of it or much at hand.
func (p *bareServers) consume(b *testing.B, address, queue string) {
	b.Helper()
	channel := dial(b, address)
	if err := channel.Qos(2*atHand, 0, false); err != nil {
		b.Fatal(err)
	}
	deliveries, err := channel.Consume(queue, "", false, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		atOnce := func(amqp.Delivery) time.Duration { return 0 }
		for first := range deliveries {
			together := gather(first, deliveries, atOnce)
			if err := together[len(together)-1].Ack(true); err != nil && !channel.IsClosed() {
				b.Errorf("acknowledge: %v", err)
			}
			p.consumed.Add(int64(len(together)))
		}
	}()
}

// gather adds to a delivery all that is at hand, and what comes until one does that does not linger, or the first has lingered.
func gather(first amqp.Delivery, deliveries <-chan amqp.Delivery, lingers func(amqp.Delivery) time.Duration) []amqp.Delivery {
	together, patience := []amqp.Delivery{first}, lingers(first)
	var over <-chan time.Time
	if patience > 0 {
		over = time.After(patience)
	}
	for len(together) < atHand {
		var another amqp.Delivery
		open := false
		select {
		case another, open = <-deliveries:
		default:
			if patience == 0 {
				return together
			}
			select {
			case another, open = <-deliveries:
			case <-over:
			}
		}
		if !open {
			return together
		}
		together, patience = append(together, another), min(patience, lingers(another))
	}
	return together
}

// publish publishes what is in a lane.
func (p *bareServers) publish(b *testing.B, address string, lane <-chan sample) {
	b.Helper()
	channel := dial(b, address)
	if err := channel.Confirm(false); err != nil {
		b.Fatal(err)
	}
	flight := make(chan *amqp.DeferredConfirmation, window)
	p.publishing.Go(func() {
		defer close(flight)
		for m := range lane {
			confirm, err := channel.PublishWithDeferredConfirm(m.exchange, m.key, true, false, m.Publishing)
			if err != nil {
				b.Errorf("publish: %v", err)
				return
			}
			flight <- confirm
		}
	})
	p.publishing.Go(func() {
		for confirm := range flight {
			if !confirm.Wait() {
				b.Error("a message was refused")
			}
		}
	})
}

// drain returns when all is confirmed and delivered that was to be published.
func (p *bareServers) drain(b *testing.B) {
	b.Helper()
	for _, lane := range p.lanes {
		close(lane)
	}
	p.publishing.Wait()
	for _, context := range rabbit.Contexts {
		for {
			queue, err := p.queues.QueueDeclarePassive(rabbit.InboxQueue(context), true, false, false, false, nil)
			if err != nil {
				b.Fatal(err)
			}
			if queue.Messages == 0 {
				break
			}
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// commit commits until ctx ends, and answers how often it did.
func (p *bareServers) commit(ctx context.Context, b *testing.B, session int) (commits int64) {
	conn, err := pgx.Connect(b.Context(), p.url)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer conn.Close(context.Background())
	bytes := noise(p.bytes, session)
	for ; ctx.Err() == nil; commits++ {
		if err := p.transact(b.Context(), conn, session, commits, commits+1, bytes); err != nil {
			b.Errorf("commit: %v", err)
			return commits
		}
		perCommit := float64(len(p.messages)) / p.commits
		for i := share(perCommit, commits); i < share(perCommit, commits+1); i++ {
			m := p.messages[i%int64(len(p.messages))]
			p.lanes[m.exchange] <- m
		}
	}
	return commits
}

// share is how much of something there has been before the n-th commit.
func share(perCommit float64, n int64) int64 { return int64(perCommit * float64(n)) }

// noise is so many bytes that compress badly.
func noise(n, session int) []byte {
	bytes := make([]byte, n)
	random := rand.New(rand.NewPCG(*seed, uint64(session)))
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return bytes
}

// transact does in one transaction what a session's transactions have to do from the n-th to before the end-th: it inserts their share of
// rows, updates those that were inserted last before, and deletes the oldest.
func (f footprint) transact(ctx context.Context, conn *pgx.Conn, session int, n, end int64, bytes []byte) error {
	inserted, updated, deleted := f.inserted/f.commits, f.updated/f.commits, f.deleted/f.commits
	batch := &pgx.Batch{}
	from, to := share(inserted, n), share(inserted, end)
	if from < to {
		batch.Queue(`INSERT INTO plain SELECT $1, n, 0, $4 FROM generate_series($2::bigint, $3::bigint) AS n`, session, from, to-1, bytes)
	}
	if rows := share(updated, end) - share(updated, n); rows > 0 {
		batch.Queue(`UPDATE plain SET changes = changes + 1 WHERE session = $1 AND n BETWEEN $2 AND $3`, session, from-rows, from-1)
	}
	if gone := share(deleted, n); gone < share(deleted, end) {
		batch.Queue(`DELETE FROM plain WHERE session = $1 AND n BETWEEN $2 AND $3`, session, gone, share(deleted, end)-1)
	}
	if batch.Len() == 0 {
		batch.Queue(`SELECT pg_current_xact_id()`)
	}
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("session %d: %w", session, err)
	}
	return nil
}
