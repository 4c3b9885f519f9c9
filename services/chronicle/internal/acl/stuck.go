package acl

import (
	"time"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

const sagaStuck = "chronicle.saga.stuck"

// Facts lists what chronicle publishes.
func Facts() []string { return []string{sagaStuck} }

type stuck struct {
	Saga        string    `json:"saga"`
	Kind        string    `json:"kind"`
	WaitingFor  []string  `json:"waitingFor"`
	NextAction  string    `json:"nextAction"`
	SilentSince time.Time `json:"silentSince"`
}

// Stuck is the fact that a saga is silent, told at a time.
func Stuck(silence app.Silence, at time.Time) event.Fact {
	s, view := silence.Saga, silence.Saga.View()
	return event.Fact{
		Name: sagaStuck, Version: 1, Subject: s.ID, Sequence: silence.Number, CorrelationID: s.ID, At: at,
		Data: stuck{
			Saga: s.ID, Kind: s.Process.Kind, WaitingFor: append([]string{}, view.WaitingFor...), NextAction: view.NextAction,
			SilentSince: s.LastFactAt.UTC(),
		},
	}
}

// remarkOn is the process of the saga that a fact only tells something about; nil for any other fact. What chronicle itself says
// of a saga stands in the saga's timeline, and is no news of it.
func remarkOn(e event.Envelope) *saga.Process {
	if e.Name() != sagaStuck {
		return nil
	}
	said, err := event.Data[struct {
		Kind string `json:"kind"`
	}](e)
	if err != nil {
		return nil
	}
	return Processes()[said.Kind]
}
