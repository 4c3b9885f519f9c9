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
	routingKey string
	envelope   []byte
	attempts   int
}

type aggregate struct{ source, subject string }

func readRow(result pgx.CollectableRow) (row, error) {
	var r row
	err := result.Scan(&r.id, &r.position, &r.aggregate.source, &r.aggregate.subject, &r.routingKey, &r.envelope, &r.attempts)
	return r, err
}

// fact reads the attributes that become properties of the message, and no others.
func (r row) fact() (event.Envelope, error) {
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
		UPDATE outbox SET attempts = attempts + 1, error = $2, not_before = now() + make_interval(secs => $3) WHERE id = $1`,
		f.row.id, strings.ReplaceAll(strings.ToValidUTF8(f.reason, "?"), "\x00", "?"), rest.Delay(f.row.attempts+1).Seconds())
}

// outcome is what became of rows since the last turn.
type outcome struct {
	arrived  []uuid.UUID
	failures []failure
}

func (o outcome) empty() bool { return len(o.arrived) == 0 && len(o.failures) == 0 }
