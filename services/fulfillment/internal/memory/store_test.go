package memory_test

import (
	"testing"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/app/storetest"
	"quadrille.dev/services/fulfillment/internal/memory"
)

type subject struct {
	state     testkit.Memory[app.Store]
	published []event.Envelope
}

func (s *subject) Do(f func(app.Store) error) error {
	next := s.state.Clone()
	if err := f(next.Store()); err != nil {
		return err
	}
	s.state, s.published = next, append(s.published, next.Published()...)
	return nil
}

func (s *subject) Published() []event.Envelope {
	published := s.published
	s.published = nil
	return published
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Subject { return &subject{state: memory.New(acl.Language())} })
}
