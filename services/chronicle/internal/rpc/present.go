package rpc

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// stuck is the state that no fact leads to: nothing was heard for too long, or a step has stalled.
const stuck saga.State = "STUCK"

func (c *Chronicle) present(s saga.Saga) *chroniclev1.Saga {
	view := s.View()
	state := view.State
	if s.Stuck(c.now().Add(-c.stuckAfter)) {
		state = stuck
	}
	presented := &chroniclev1.Saga{
		Id:          s.ID,
		Kind:        s.Process.Kind,
		State:       string(state),
		WaitingFor:  view.WaitingFor,
		Deadline:    timestamp(view.Deadline),
		StartedAt:   timestamp(s.StartedAt),
		LastFactAt:  timestamp(s.LastFactAt),
		NextAction:  view.NextAction,
		Sequence:    s.Sequence,
		OrderNumber: s.Order.Number,
		OrderId:     s.Order.ID,
	}
	if s.Order.Customer != uuid.Nil {
		presented.CustomerId = s.Order.Customer.String()
	}
	for _, step := range view.Steps {
		presented.Steps = append(presented.Steps, &chroniclev1.Step{
			Context:    step.Context,
			Name:       step.Name,
			State:      string(step.State),
			StartedAt:  timestamp(step.StartedAt),
			FinishedAt: timestamp(step.FinishedAt),
		})
	}
	return presented
}

// timeline is a part of what a saga has heard. A fact that was recorded after the saga was read is left for the next part.
func (c *Chronicle) timeline(s saga.Saga, facts []app.Recorded) *chroniclev1.GetTimelineResponse_Timeline {
	timeline := &chroniclev1.GetTimelineResponse_Timeline{SagaId: s.ID, TotalCount: int32(s.Sequence)}
	last := s.Sequence
	for _, fact := range facts {
		if fact.Sequence > s.Sequence {
			break
		}
		last = fact.Sequence
		timeline.Facts = append(timeline.Facts, c.fact(fact))
	}
	timeline.HasNextPage = last < s.Sequence
	return timeline
}

func (c *Chronicle) fact(fact app.Recorded) *chroniclev1.Fact {
	return &chroniclev1.Fact{
		Id:            fact.ID.String(),
		Type:          fact.Name,
		Context:       fact.Context,
		OccurredAt:    timestamp(fact.At),
		CorrelationId: fact.CorrelationID,
		CausationId:   fact.CausationID,
		Summary:       c.summarise(fact.Envelope),
		Sequence:      fact.Sequence,
		RecordedAt:    timestamp(fact.RecordedAt),
	}
}

// timestamp is absent for the zero time.
func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
