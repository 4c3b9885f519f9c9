package outbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
)

// row is a fact that is not known to have arrived.
type row struct {
	id         uuid.UUID
	position   int64
	aggregate  aggregate
	sequence   int64
	routingKey string
	envelope   []byte
	attempts   int
	properties properties
	// exchange is of the context that the message is for; empty for a fact.
	exchange, replyTo string
	// orderNumber is of the order that the fact is about; empty if it is about none.
	orderNumber string
	// traceparent is nil unless spans of the fact's trace are kept.
	traceparent *string
}

// properties are the attributes that become properties of the message. All are nil in a row that was written before they had columns.
type properties struct {
	kind          *string
	time          *time.Time
	correlationID *string
}

type aggregate struct{ source, subject string }

// newRow is the row of a fact, which has a position once it is appended.
func newRow(fact event.Envelope) (row, error) {
	body, err := fact.Encode()
	if err != nil {
		return row{}, fmt.Errorf("encode %s: %w", fact.Name(), err)
	}
	return row{
		id: fact.ID, aggregate: aggregate{fact.Source, fact.Subject}, sequence: fact.Sequence, routingKey: fact.RoutingKey(), envelope: body,
		properties: properties{&fact.Type, &fact.Time, &fact.CorrelationID},
		exchange:   fact.To, replyTo: fact.ReplyTo, orderNumber: fact.OrderNumber, traceparent: sampled(fact.TraceParent),
	}, nil
}

// values are what is inserted.
func (r *row) values() []any {
	return []any{
		r.id, partitionOf(r.aggregate), r.aggregate.source, r.aggregate.subject, r.sequence, r.routingKey, r.envelope,
		r.properties.kind, r.properties.time, r.properties.correlationID, r.traceparent, r.exchange, r.replyTo, r.orderNumber,
	}
}

// columns are what is read of a row that a query calls o.
const columns = `
	o.id, o.position, o.source, o.subject, o.sequence, o.routing_key, o.envelope, o.attempts, o.type, o.occurred_at, o.correlation_id,
	o.traceparent, o.exchange, o.reply_to, o.order_number`

// fields are where to the columns are scanned.
func (r *row) fields() []any {
	return []any{
		&r.id, &r.position, &r.aggregate.source, &r.aggregate.subject, &r.sequence, &r.routingKey, &r.envelope, &r.attempts,
		&r.properties.kind, &r.properties.time, &r.properties.correlationID, &r.traceparent, &r.exchange, &r.replyTo, &r.orderNumber,
	}
}

// fact has the attributes that become properties of the message, and no others.
func (r row) fact() (event.Envelope, error) {
	if p := r.properties; p.kind != nil && p.time != nil && p.correlationID != nil {
		return event.Envelope{
			ID: r.id, Type: *p.kind, Time: *p.time, CorrelationID: *p.correlationID, To: r.exchange, ReplyTo: r.replyTo,
			OrderNumber: r.orderNumber,
		}, nil
	}
	var attributes struct {
		Type          string    `json:"type"`
		Time          time.Time `json:"time"`
		CorrelationID string    `json:"correlationid"`
	}
	if err := json.Unmarshal(r.envelope, &attributes); err != nil {
		return event.Envelope{}, fmt.Errorf("%w: %w", rabbit.ErrUnpublishable, err)
	}
	return event.Envelope{ID: r.id, Type: attributes.Type, Time: attributes.Time, CorrelationID: attributes.CorrelationID}, nil
}

// failure is a row that the broker did not take.
type failure struct {
	row    row
	reason string
}

// rest is how long an aggregate rests after failures of its oldest fact.
var rest = rabbit.Backoff{First: time.Second, Most: time.Minute}

// note queues the statement that makes the aggregate rest. The times are the database's.
func (f failure) note(batch *pgx.Batch) {
	batch.Queue(`
		UPDATE outbox SET attempts = attempts + 1, error = $2, not_before = now() + make_interval(secs => $3) WHERE position = $1`,
		f.row.position, strings.ReplaceAll(strings.ToValidUTF8(f.reason, "?"), "\x00", "?"), rest.Delay(f.row.attempts+1).Seconds())
}

// outcome is what became of rows since the last turn.
type outcome struct {
	// arrived are the positions of those that need not be kept any longer.
	arrived  []int64
	failures []failure
}

func (o outcome) empty() bool { return len(o.arrived) == 0 && len(o.failures) == 0 }
