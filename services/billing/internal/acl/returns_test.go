package acl_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/schema"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/memory"
)

// command has billing hear a command whose answer is to go somewhere.
func command(t *testing.T, name, data, replyTo string) error {
	t.Helper()
	sent := event.New(t.Context(), event.Fact{
		Name: name, Version: 1, Subject: "s", Sequence: 1, At: noon, ReplyTo: replyTo, Data: json.RawMessage(data),
	})
	return acl.Routes().Handle(t.Context(), memory.New(acl.Publisher).Store(), sent, noon)
}

var commands = []string{"ordering.return.refund", "ordering.return.cancelRefund"}

// The answer goes where its schema says, and nowhere else: an exchange that does not exist would cost the relay its channel.
func TestACommandIsAnsweredWhereTheSchemaSays(t *testing.T) {
	answers := schema.Events()
	i := slices.IndexFunc(answers, func(e schema.Event) bool { return e.Name == "billing.refund.answered" })
	for _, name := range commands {
		data := string(eventtest.Examples(name, 1)[0])
		if err := command(t, name, data, answers[i].Exchange()); err != nil {
			t.Error(err)
		}
		for _, elsewhere := range []string{"", "billing.events", "ordering.commands"} {
			var unreadable *inbox.UnreadableError
			if err := command(t, name, data, elsewhere); !errors.As(err, &unreadable) {
				t.Errorf("%s to be answered to %q: %v", name, elsewhere, err)
			}
		}
	}
}

func TestACommandWithoutWhatItNeedsIsRefused(t *testing.T) {
	whole := string(eventtest.Examples("ordering.return.refund", 1)[0])
	for wrong, data := range map[string]string{
		"no return":           strings.ReplaceAll(whole, "returnId", "other"),
		"no order":            strings.ReplaceAll(whole, "orderId", "other"),
		"no amount":           strings.ReplaceAll(whole, "amount", "other"),
		"no currency":         strings.ReplaceAll(whole, "GBP", "pounds"),
		"less than nothing":   strings.ReplaceAll(whole, "1340", "-1"),
		"no number":           strings.ReplaceAll(whole, "1340", `"1340"`),
		"a return of no kind": strings.ReplaceAll(whole, "01996f60", "x"),
	} {
		var unreadable *inbox.UnreadableError
		if err := command(t, commands[0], data, "ordering.replies"); !errors.As(err, &unreadable) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	for _, field := range []string{"returnId", "orderId"} {
		data := strings.ReplaceAll(string(eventtest.Examples(commands[1], 1)[0]), field, "other")
		var unreadable *inbox.UnreadableError
		if err := command(t, commands[1], data, "ordering.replies"); !errors.As(err, &unreadable) {
			t.Errorf("to cancel without %s: %v", field, err)
		}
	}
}
