package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
)

// forged are the ids of facts that tests say in the name of a context that would not say them.
var forged sync.Map

// profiled has customers publish the profile of somebody, in a version and with a payload that ordering may be unable to read.
func profiled(t *testing.T, version int, payload string) (subject string) {
	t.Helper()
	subject = uuid.NewString()
	fact := event.New(t.Context(), event.Fact{
		Name: "customers.customer.profiled", Version: version, Subject: subject, Sequence: 1, At: time.Now(), Data: json.RawMessage(payload),
	})
	err := pgx.BeginFunc(t.Context(), quadrille.Database(t, "customers"), func(tx pgx.Tx) error {
		forged.Store(fact.ID, true)
		return outbox.Append(t.Context(), tx, fact)
	})
	if err != nil {
		t.Fatal(err)
	}
	return subject
}

// unreadable lacks what ordering relies on.
const unreadable = `{"name":"Parked Person","email":"parked@example.test","tier":"VIP"}`

// parkedIn waits until a message about a subject is parked, and answers it as it is listed.
func (s *session) parkedIn(c *client.Client, owner, subject string) map[string]any {
	s.t.Helper()
	return system.Await(s.t, patience, "something about "+subject+" is parked", func(context.Context) (map[string]any, bool, error) {
		list := s.run(c, "ParkedMessages", map[string]any{"context": owner, "first": 100})
		for _, node := range at(list, "parkedMessages", "nodes").([]any) {
			if at(node, "subject") == subject {
				return node.(map[string]any), true, nil
			}
		}
		return nil, false, nil
	})
}

// seeToParked has one message retried in vain, then with an edited payload, discards another, and finds all of it in the audit log.
func (s *session) seeToParked(olga *client.Client) {
	mended, given := profiled(s.t, 2, unreadable), profiled(s.t, 99, unreadable)
	message := s.parkedIn(olga, "ordering", mended)
	if at(message, "context") != "ordering" || at(message, "type") != "customers.customer.profiled" || at(message, "behind") != 0.0 ||
		!strings.HasPrefix(at(message, "error").(string), "UNREADABLE_EVENT") || strings.Contains(fmt.Sprint(message), "Parked Person") {
		s.t.Errorf("ParkedMessages: %v", message)
	}
	ids := []any{at(message, "id")}
	dry := s.run(olga, "RetryParkedMessages", in(map[string]any{"ids": ids, "dryRun": true}))
	if at(dry, "retryParkedMessages", "retried") != 1.0 {
		s.t.Errorf("RetryParkedMessages, a dry run: %v", dry)
	}
	vain := s.run(olga, "RetryParkedMessages", in(map[string]any{"ids": ids, "dryRun": false}))
	if at(vain, "retryParkedMessages", "retried") != 0.0 || len(at(vain, "retryParkedMessages", "failed").([]any)) != 1 {
		s.t.Errorf("RetryParkedMessages, in vain: %v", vain)
	}
	edited := fmt.Sprintf(`{"customerId":"%s","name":"***","email":"***","tier":"VIP"}`, mended)
	retried := s.run(olga, "RetryParkedMessages", in(map[string]any{"ids": ids, "dryRun": false, "payload": edited}))
	if at(retried, "retryParkedMessages", "retried") != 1.0 {
		s.t.Errorf("RetryParkedMessages, edited: %v", retried)
	}
	unknown := s.parkedIn(olga, "ordering", given)
	if at(unknown, "error") != "UNKNOWN_EVENT_VERSION: customers.customer.profiled v99" {
		s.t.Errorf("ParkedMessages: %v", unknown)
	}
	discarded := s.run(olga, "DiscardParkedMessages", in(map[string]any{"ids": []any{at(unknown, "id")}, "reason": "a test"}))
	if at(discarded, "discardParkedMessages", "discarded") != 1.0 {
		s.t.Errorf("DiscardParkedMessages: %v", discarded)
	}
	s.audited(olga, "parked.retried Retried customers.customer.profiled v2.", "parked.retried Retried customers.customer.profiled v2 with customerId changed.",
		"parked.discarded Discarded customers.customer.profiled v99: a test")
}

// audited waits until the audit log has what was done.
func (s *session) audited(olga *client.Client, done ...string) {
	s.t.Helper()
	var missing []string
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		log := s.run(olga, "AuditLog", map[string]any{"first": 100})
		var told []string
		for _, node := range at(log, "auditLog", "nodes").([]any) {
			if at(node, "actor") != system.Olga || at(node, "target") == "" {
				s.t.Errorf("AuditLog: %v", node)
			}
			told = append(told, fmt.Sprint(at(node, "action"), " ", at(node, "detail")))
		}
		missing = slices.DeleteFunc(slices.Clone(done), func(one string) bool { return slices.Contains(told, one) })
		if len(missing) == 0 {
			return
		}
	}
	s.t.Errorf("AuditLog: no %q", missing)
}

// parkedMessagesAreSeenToFromACommandLine runs the command that operators run.
func parkedMessagesAreSeenToFromACommandLine(t *testing.T) {
	t.Parallel()
	command := filepath.Join(t.TempDir(), "quadrille")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", command, "../../stack/cmd/quadrille").CombinedOutput(); err != nil {
		t.Fatalf("build the command: %v\n%s", err, out)
	}
	run := func(code int, args ...string) string {
		t.Helper()
		args = slices.Insert(append([]string{"parked"}, args...), 2, "-url", quadrille.URL("gateway"))
		run := exec.CommandContext(t.Context(), command, args...)
		run.Env = append(os.Environ(), "QUADRILLE_PASSWORD=quadrille")
		out, err := run.CombinedOutput()
		if run.ProcessState == nil || run.ProcessState.ExitCode() != code {
			t.Fatalf("quadrille %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	expect := func(out string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(out, text) {
				t.Errorf("no %q in\n%s", text, out)
			}
		}
	}
	s := &session{t, documents(t), map[string]bool{}}
	olga := quadrille.As(t, system.Olga)
	mended, given, group := profiled(t, 2, unreadable), profiled(t, 2, unreadable), profiled(t, 98, unreadable)
	id := func(subject string) string { return s.parkedIn(olga, "ordering", subject)["id"].(string) }
	parked := []string{id(mended), id(given), id(group)}
	expect(run(0, "list", "-context", "ordering", "-error", "UNREADABLE_EVENT"), parked[0], parked[1], "COUNT")
	if strings.Contains(run(0, "list", "-context", "ordering", "-error", "UNREADABLE_EVENT"), parked[2]) {
		t.Error("-error does not restrict")
	}
	expect(run(0, "show", id(mended)), `"tier": "VIP"`, `"name": "***"`, "UNREADABLE_EVENT: no customerId")
	expect(run(0, "retry", "-dry-run", id(mended)), "Would retry 1 messages.")
	expect(run(1, "retry", id(mended)), "UNREADABLE_EVENT: no customerId", "Retried 0 messages.")
	payload := filepath.Join(t.TempDir(), "payload.json")
	if err := os.WriteFile(payload, fmt.Appendf(nil, `{"customerId":"%s","name":"***","email":"***","tier":"VIP"}`, mended), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(run(0, "retry", "-payload", payload, id(mended)), "Retried 1 messages.")
	expect(run(1, "discard", id(given)), "reason: Say why.")
	expect(run(0, "discard", "-reason", "a test", id(given)), "Discarded 1 messages.")
	expect(run(0, "retry", "-dry-run", "-type", "customers.customer.profiled", "-error", "UNKNOWN_EVENT_VERSION: customers.customer.profiled v98"),
		"Would retry 1 messages.")
	expect(run(0, "discard", "-reason", "a test", id(group)), "Discarded 1 messages.")
	expect(run(1, "retry"), "name messages by their ids, or groups")
	expect(run(2, "nonsense"), "usage: quadrille parked")
}
