// Package event is the envelope that every fact travels in: CloudEvents 1.0 in its structured JSON form.
package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// ContentType is the media type of an encoded Envelope.
const ContentType = "application/cloudevents+json"

// namespace makes the ids of facts; it is fixed for ever.
var namespace = uuid.MustParse("6f1b1c9e-2a52-4c0e-9d3b-0f6a5d1c7e42")

// Envelope is one fact as it travels. Source and Subject name the aggregate, Sequence is its version, so these three name
// the fact, and ID derives from them.
type Envelope struct {
	SpecVersion     string    `json:"specversion"`
	ID              uuid.UUID `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject"`
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	DataSchema      string    `json:"dataschema"`
	DataVersion     int       `json:"dataversion"`
	Sequence        int64     `json:"sequence"`
	CorrelationID   string    `json:"correlationid,omitempty"`
	CausationID     string    `json:"causationid,omitempty"`
	// OrderNumber is what people call the order that the message is about; empty if it is about none, or nobody has told.
	OrderNumber string `json:"ordernumber,omitempty"`
	TraceParent string `json:"traceparent,omitempty"`
	// ReplyTo is the exchange that the answer to a command goes to; empty for what wants none.
	ReplyTo string `json:"replyto,omitempty"`
	// To is the exchange of the one context that the message is for; empty for a fact, which is for whoever listens. It does not travel.
	To   string          `json:"-"`
	Data json.RawMessage `json:"data"`
}

// Fact is what a context has to say, before it has an envelope.
type Fact struct {
	// Name is context, aggregate and fact: "ordering.order.placed".
	Name string
	// Version is the version of the payload's schema.
	Version int
	// Subject is the aggregate's id.
	Subject string
	// Sequence is the aggregate's version after this fact, from 1.
	Sequence int64
	// CorrelationID is the id of the order or return that the fact belongs to; empty if to none.
	CorrelationID string
	// OrderNumber is the number of the order that the fact is about. Whoever does not know it leaves it empty: a fact that has a
	// CorrelationID takes it from its cause.
	OrderNumber string
	At          time.Time
	// To is the exchange of the one context that a command or an answer is for, ReplyTo where a command's answer goes. Both are empty for
	// what is told to whoever listens.
	To, ReplyTo string
	// Data becomes the JSON payload.
	Data any
}

// New gives a fact its envelope. The same fact always gets the same id. Causation and trace come from ctx. It panics when
// the payload cannot be JSON or the name has not three parts, which are mistakes of the programmer.
func New(ctx context.Context, f Fact) Envelope {
	data, err := json.Marshal(f.Data)
	if err != nil {
		panic(fmt.Sprintf("encode %s: %v", f.Name, err))
	}
	if strings.Count(f.Name, ".") != 2 {
		panic(fmt.Sprintf("fact %q is not named context.aggregate.fact", f.Name))
	}
	source := "/" + f.Name[:strings.IndexByte(f.Name, '.')]
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return Envelope{
		SpecVersion:     "1.0",
		ID:              ID(source, f.Subject, f.Sequence),
		Source:          source,
		Type:            "quadrille." + f.Name,
		Subject:         f.Subject,
		Time:            f.At.UTC().Truncate(time.Microsecond),
		DataContentType: "application/json",
		DataSchema:      fmt.Sprintf("https://quadrille.dev/schema/events/%s.v%d.json", f.Name, f.Version),
		DataVersion:     f.Version,
		Sequence:        f.Sequence,
		CorrelationID:   f.CorrelationID,
		CausationID:     causeOf(ctx).text(),
		OrderNumber:     f.orderNumber(ctx),
		TraceParent:     carrier["traceparent"],
		ReplyTo:         f.ReplyTo,
		To:              f.To,
		Data:            data,
	}
}

// ID is the id of the fact that brought an aggregate to a version.
func ID(source, subject string, sequence int64) uuid.UUID {
	return uuid.NewSHA1(namespace, []byte(source+"|"+subject+"|"+strconv.FormatInt(sequence, 10)))
}

// Context is the name of the context that published the fact.
func (e Envelope) Context() string { return strings.TrimPrefix(e.Source, "/") }

// Name is context, aggregate and fact: "ordering.order.placed".
func (e Envelope) Name() string { return strings.TrimPrefix(e.Type, "quadrille.") }

// RoutingKey is the fact's routing key in its context's exchange: "order.placed.v1".
func (e Envelope) RoutingKey() string {
	_, key, _ := strings.Cut(e.Name(), ".")
	return fmt.Sprintf("%s.v%d", key, e.DataVersion)
}

// TraceID is the trace in which the fact was published, in 32 hexadecimal digits; empty if in none that can be read.
func (e Envelope) TraceID() string {
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": e.TraceParent})
	if id := trace.SpanContextFromContext(ctx).TraceID(); id.IsValid() {
		return id.String()
	}
	return ""
}

// ErrUnreadable is the reason of every failed Decode.
var ErrUnreadable = errors.New("unreadable envelope")

// Decode reads an envelope and checks the attributes that delivery depends on.
func Decode(body []byte) (Envelope, error) {
	var e Envelope
	if err := e.UnmarshalJSON(body); err != nil {
		return Envelope{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	switch {
	case e.SpecVersion != "1.0":
		return Envelope{}, fmt.Errorf("%w: specversion %q", ErrUnreadable, e.SpecVersion)
	case e.ID == uuid.Nil:
		return Envelope{}, fmt.Errorf("%w: no id", ErrUnreadable)
	case !strings.HasPrefix(e.Source, "/") || e.Subject == "":
		return Envelope{}, fmt.Errorf("%w: source %q, subject %q", ErrUnreadable, e.Source, e.Subject)
	case strings.Count(e.Name(), ".") != 2:
		return Envelope{}, fmt.Errorf("%w: type %q", ErrUnreadable, e.Type)
	}
	return e, nil
}

// Data reads the payload into T, a struct of the fields that the consumer uses.
func Data[T any](e Envelope) (T, error) {
	var data T
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return data, fmt.Errorf("read %s v%d: %w", e.Name(), e.DataVersion, err)
	}
	return data, nil
}

// orderNumber is the one given, or that of the cause: what an order leads to is about the same order.
func (f Fact) orderNumber(ctx context.Context) string {
	if f.OrderNumber != "" || f.CorrelationID == "" {
		return f.OrderNumber
	}
	return causeOf(ctx).orderNumber
}

type causeKey struct{}

// cause is what is remembered of a fact that leads to others.
type cause struct {
	id          uuid.UUID
	orderNumber string
}

// CausedBy marks everything published under the returned context as caused by e.
func CausedBy(ctx context.Context, e Envelope) context.Context {
	return context.WithValue(ctx, causeKey{}, cause{e.ID, e.OrderNumber})
}

func causeOf(ctx context.Context) cause {
	c, _ := ctx.Value(causeKey{}).(cause)
	return c
}

// text is the cause's id; empty if there is none.
func (c cause) text() string {
	if c.id == uuid.Nil {
		return ""
	}
	return c.id.String()
}
