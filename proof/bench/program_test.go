package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
)

// briefVariable has this program be one of the skeleton's.
const briefVariable = "SKELETON"

func TestMain(m *testing.M) {
	told := os.Getenv(briefVariable)
	if told == "" {
		os.Exit(m.Run())
	}
	if err := perform(told); err != nil {
		log.Fatal(err)
	}
}

// brief is what a program of the skeleton is told, as JSON.
type brief struct {
	Name string
	// Next is whom it asks over HTTP.
	Next           string
	AMQP, Postgres string
	// Messages are what a saga says, by routing key.
	Messages map[string]amqp.Publishing
	// Inserted, Updated and Deleted are the rows of one act, of so many Bytes each, under the number of a Session and of the one after it.
	Inserted, Updated, Deleted float64
	Bytes, Session             int
}

// reaction is what a context says when it hears something, and whether it asks somebody before.
type reaction struct {
	asks bool
	says []string
	// lingers is how long it may wait for others, for one transaction with them.
	lingers time.Duration
}

// otherwise is the reaction to what somebody else reacts to.
const otherwise = ""

// reactions are those of each context by what it hears: the saga of an order that is fulfilled. They linger as the system's do.
var reactions = map[string]map[string]reaction{
	"chronicle": {otherwise: {lingers: 10 * time.Millisecond}},
	"inventory": {
		"order.placed.v1":      {says: []string{"stock.reserved.v1"}},
		"shipment.arranged.v1": {says: []string{"stock.deducted.v1"}},
	},
	"billing": {
		"order.placed.v1":   {says: []string{"invoice.issued.v1"}, lingers: 50 * time.Millisecond},
		"stock.reserved.v1": {asks: true, says: []string{"payment.captured.v1"}},
	},
	"fulfillment": {
		"order.placed.v1":     {lingers: 50 * time.Millisecond},
		"payment.captured.v1": {asks: true, says: []string{"shipment.arranged.v1"}},
		"order.fulfilled.v1":  {says: []string{"shipment.dispatched.v1", "shipment.delivered.v1"}, lingers: 50 * time.Millisecond},
	},
	"ordering": {
		"stock.deducted.v1": {says: []string{"order.fulfilled.v1"}},
	},
}

// program is one of the skeleton's.
type program struct {
	brief
	hearing, answering session
	channel            *amqp.Channel
	unconfirmed        chan *amqp.DeferredConfirmation
}

// perform is the program, until its input ends.
func perform(told string) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	p := &program{unconfirmed: make(chan *amqp.DeferredConfirmation, window)}
	if err := json.Unmarshal([]byte(told), &p.brief); err != nil {
		return err
	}
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = mostAtOnce
	if reactions[p.Name] != nil {
		if err := p.hear(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(p.answer), ReadHeaderTimeout: time.Minute}
	go func() { log.Fatal(server.Serve(listener)) }()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// answer is what happens on an order: the gateway asks ordering, which stores it and says so. Provider and carrier say yes.
func (p *program) answer(w http.ResponseWriter, r *http.Request) {
	order, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
	case p.Next != "":
		err = call(r.Context(), p.Next, string(order))
	case p.Name == "ordering":
		if err = p.answering.act(r.Context(), 1); err == nil {
			err = p.say("order.placed.v1", string(order))
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// hear begins to consume.
func (p *program) hear(ctx context.Context) error {
	for number, s := range []*session{&p.hearing, &p.answering} {
		conn, err := pgx.Connect(ctx, p.Postgres)
		if err != nil {
			return err
		}
		rows := footprint{commits: 1, inserted: p.Inserted, updated: p.Updated, deleted: p.Deleted}
		*s = session{conn: conn, rows: rows, number: p.Session + number, bytes: noise(p.Bytes, p.Session+number)}
	}
	publishing, err := amqp.Dial(p.AMQP)
	if err != nil {
		return err
	}
	if p.channel, err = publishing.Channel(); err != nil {
		return err
	}
	if err := p.channel.Confirm(false); err != nil {
		return err
	}
	consuming, err := amqp.Dial(p.AMQP)
	if err != nil {
		return err
	}
	channel, err := consuming.Channel()
	if err != nil {
		return err
	}
	if err := channel.Qos(2*atHand, 0, false); err != nil {
		return err
	}
	deliveries, err := channel.Consume(rabbit.InboxQueue(p.Name), "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	go p.confirm()
	go func() { log.Fatalf("%s: %v", p.Name, p.consume(ctx, deliveries)) }()
	return nil
}

// confirm waits for what was said.
func (p *program) confirm() {
	for confirm := range p.unconfirmed {
		if !confirm.Wait() {
			log.Fatalf("%s: a message was refused", p.Name)
		}
	}
}

// consume handles in one transaction what is gathered, and reacts to each of it.
func (p *program) consume(ctx context.Context, deliveries <-chan amqp.Delivery) error {
	for first := range deliveries {
		together := gather(first, deliveries, func(d amqp.Delivery) time.Duration { return p.reaction(d).lingers })
		if err := p.hearing.act(ctx, len(together)); err != nil {
			return err
		}
		if err := together[len(together)-1].Ack(true); err != nil {
			return err
		}
		for _, d := range together {
			if err := p.react(ctx, d); err != nil {
				return err
			}
		}
	}
	return io.EOF
}

func (p *program) reaction(to amqp.Delivery) reaction {
	if r, known := reactions[p.Name][to.RoutingKey]; known {
		return r
	}
	return reactions[p.Name][otherwise]
}

func (p *program) react(ctx context.Context, d amqp.Delivery) error {
	r := p.reaction(d)
	if !r.asks {
		return p.sayAll(r.says, d.CorrelationId)
	}
	go func() {
		err := call(ctx, p.Next, d.CorrelationId)
		if err == nil {
			err = p.answering.act(ctx, 1)
		}
		if err == nil {
			err = p.sayAll(r.says, d.CorrelationId)
		}
		if err != nil {
			log.Fatalf("%s: %v", p.Name, err)
		}
	}()
	return nil
}

func (p *program) sayAll(keys []string, order string) error {
	for _, key := range keys {
		if err := p.say(key, order); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) say(key, order string) error {
	m, known := p.Messages[key]
	if !known {
		return fmt.Errorf("sagas say no %s", key)
	}
	m.CorrelationId = order
	confirm, err := p.channel.PublishWithDeferredConfirm(rabbit.EventsExchange(p.Name), key, true, false, m)
	if err != nil {
		return err
	}
	p.unconfirmed <- confirm
	return nil
}

// session commits, one transaction at a time.
type session struct {
	mu     sync.Mutex
	conn   *pgx.Conn
	rows   footprint
	number int
	bytes  []byte
	acts   int64
}

// act commits the rows of so many acts in one transaction.
func (s *session) act(ctx context.Context, together int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := s.acts
	s.acts += int64(together)
	return s.rows.transact(ctx, s.conn, s.number, from, s.acts, s.bytes)
}
