package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/chronicle/internal/saga"
)

// Archive answers questions about what was recorded.
type Archive interface {
	// Sagas answers those that exist, in the order asked for.
	Sagas(ctx context.Context, ids []string) ([]saga.Saga, error)
	// Search answers a page of the sagas that match, the latest started first, and how many there are in all.
	Search(ctx context.Context, query Query, page Page) (sagas []saga.Saga, total int, err error)
	// Facts answers facts of sagas, by saga, each in its order: at most first of those numbered above after.
	Facts(ctx context.Context, sagas []string, after int64, first int) (map[string][]Recorded, error)
	// FactsByID answers facts of any saga, those that exist.
	FactsByID(ctx context.Context, ids []uuid.UUID) ([]Recorded, error)
	// SKUs answers those of the lines of what sagas are about, by saga.
	SKUs(ctx context.Context, sagas []string) (map[string][]string, error)
	// Counts answers how many facts of each name were recorded since a moment.
	Counts(ctx context.Context, since time.Time) (map[string]int64, error)
	// Audit answers a page of what operators did, the latest first, and how much there is in all. With ids it is of these alone.
	Audit(ctx context.Context, ids []uuid.UUID, page Page) (log []Acted, total int, err error)
	// Read answers facts of any kind that match, in the order of arrival: at most first of those after one.
	Read(ctx context.Context, which Which, after int64, first int) ([]Arrived, error)
}

// Which says which facts to read.
type Which struct {
	// From and To are between which moments they happened; a zero To is no end.
	From, To time.Time
	Names    []string
}

// Arrived is a fact and its place in the order of arrival.
type Arrived struct {
	Arrival  int64
	Envelope json.RawMessage
}

// Census is how many sagas are not at rest. Those that are stuck are counted as that only.
type Census struct{ Running, Compensating, Stuck, NeedsOperator int }

// Query says which sagas to find; what is zero does not restrict.
type Query struct {
	Kind string
	// States are those of which a saga is in one; if it is stuck, it is in none of them.
	States []saga.State
	// Stuck finds sagas that are stuck, beside those in one of the states.
	Stuck bool
	// StuckSince is since when a saga is stuck that is under way and has heard nothing; it is always given with States or Stuck.
	StuckSince  time.Time
	OrderNumber string
	Customer    uuid.UUID
	SKU         string
}

// Page is how many rows to answer, after which one.
type Page struct {
	First int
	After Position
}

// Position is a place in a list, the latest first: when the saga there was started or the action was done, and its id. Zero is before
// the first.
type Position struct {
	At time.Time
	ID string
}

// Recorded is a fact of a saga as it was recorded.
type Recorded struct {
	ID            uuid.UUID
	Name          string
	Context       string
	CorrelationID string
	CausationID   string
	At            time.Time
	// Sequence is its number in the saga.
	Sequence   int64
	RecordedAt time.Time
	Envelope   json.RawMessage
}

// Inspected is what a recorded envelope has beside what is kept in columns.
type Inspected struct {
	// Heard is the fact as its saga heard it.
	Heard saga.Fact
	// Payload is JSON, personal data blotted out.
	Payload json.RawMessage
	// TraceID is the trace in which it was published, in hexadecimal digits; empty for none.
	TraceID string
}

// Acted is an operator's action as it was recorded.
type Acted struct {
	// ID is the fact's.
	ID      uuid.UUID
	At      time.Time
	Context string
	Action
}
