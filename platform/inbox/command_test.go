package inbox_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/schema"
)

// heard tells how a message whose answer is to go somewhere is taken by whoever routes it.
func heard(t *testing.T, name, replyTo string) (handled bool, err error) {
	t.Helper()
	routes := inbox.Routes[struct{}]{inbox.On(name, inbox.Versions[string]{1: func(event.Envelope) (string, error) { return name, nil }},
		func(context.Context, struct{}, string, time.Time) error {
			handled = true
			return nil
		})}
	e := event.New(t.Context(), event.Fact{Name: name, Version: 1, Subject: "s", Sequence: 1, At: time.Now(), ReplyTo: replyTo})
	if read := routes.Read(e); (read == nil) != (routes.Handle(t.Context(), struct{}{}, e, time.Now()) == nil) {
		t.Errorf("%s is read: %v, and handled: %t", name, read, handled)
	}
	return handled, routes.Read(e)
}

// An exchange that does not exist would cost the relay its channel.
func TestACommandIsAnsweredWhereItsAskerTakesAnswersAndNowhereElse(t *testing.T) {
	if len(schema.Commands()) == 0 {
		t.Error("there are no commands")
	}
	for _, e := range schema.Events() {
		if handled, err := heard(t, e.Name, e.Owner+".replies"); !handled || err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		for _, elsewhere := range []string{"", "elsewhere.replies", e.Exchange()} {
			handled, err := heard(t, e.Name, elsewhere)
			var unreadable *inbox.UnreadableError
			switch {
			case e.Style != schema.Command && (!handled || err != nil):
				t.Errorf("%s, which is no command: %v", e.Name, err)
			case e.Style == schema.Command && (handled || !errors.As(err, &unreadable)):
				t.Errorf("%s, to be answered to %q: %v", e.Name, elsewhere, err)
			}
		}
	}
}
