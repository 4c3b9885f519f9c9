package inbox

import (
	"fmt"
	"slices"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

// answerable is what holds a message of a name against where its answer is to go. A command is answered where its asker takes answers, and
// nowhere else: to publish to an exchange that does not exist would cost the relay its channel. What is no command has no answer.
func answerable(name string) func(event.Envelope) error {
	i := slices.IndexFunc(schema.Events(), func(e schema.Event) bool { return e.Name == name && e.Style == schema.Command })
	if i < 0 {
		return func(event.Envelope) error { return nil }
	}
	replies := rabbit.RepliesExchange(schema.Events()[i].Owner)
	return func(e event.Envelope) error {
		if e.ReplyTo != replies {
			return fmt.Errorf("the answer is to go to %q instead of %s", e.ReplyTo, replies)
		}
		return nil
	}
}
