package acl

import (
	"time"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// SagaChangedKey is the signal's routing key in chronicle.signals.
const SagaChangedKey = "saga.changed"

// SagaChanged is the signal that a saga has heard its next fact, and maybe that it, or others, have heard more.
type SagaChanged struct {
	SagaChange
	Others []SagaChange `json:"others,omitempty"`
}

// SagaChange is that a saga has heard a fact.
type SagaChange struct {
	Saga     string      `json:"saga"`
	Sequence int64       `json:"sequence"`
	Fact     ChangedFact `json:"fact"`
}

// ChangedFact is the fact that a saga has heard.
type ChangedFact struct {
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	Context    string    `json:"context"`
	OccurredAt time.Time `json:"occurredAt"`
}

// Changed is the signal for a saga and the fact that it heard last.
func Changed(s saga.Saga, fact app.Fact) SagaChange {
	return SagaChange{Saga: s.ID, Sequence: s.Sequence, Fact: ChangedFact{
		ID: fact.ID.String(), Type: fact.Name, Context: fact.Context, OccurredAt: fact.At,
	}}
}

// Signal tells of one change or more.
func Signal(changes []SagaChange) SagaChanged { return SagaChanged{changes[0], changes[1:]} }
