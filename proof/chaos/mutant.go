package chaos

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mutant is a change of the shipped source that takes away one of its promises, for a build that has to be found out.
type mutant struct {
	name string
	// file is changed, from the root of the repository: what it says once is replaced.
	file          string
	says, becomes string
}

var (
	noDeduplication = mutant{
		"deduplication-off", "platform/inbox/handle.go",
		"return recorded == 1",
		"return true",
	}
	removedBeforeConfirm = mutant{
		"removed-before-confirm", "platform/outbox/flight.go",
		"s.flight = append(s.flight, flying{next, confirm, time.Now(), startSpan(next)})",
		"s.flight, s.done.arrived = append(s.flight, flying{next, confirm, time.Now(), startSpan(next)}), append(s.done.arrived, next.position)",
	}
	ackBeforeCommit = mutant{
		"ack-before-commit", "platform/rabbit/consume.go",
		"handle(Delivery{message, session, settling})",
		"settling.ack(message.DeliveryTag); settling.flush(); handle(Delivery{message, session, settling})",
	}
)

// source is the changed file. It fails when the shipped one says something else than the mutant was made from.
func (m mutant) source(root string) (string, error) {
	shipped, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		return "", fmt.Errorf("read what %s changes: %w", m.name, err)
	}
	if times := strings.Count(string(shipped), m.says); times != 1 {
		return "", fmt.Errorf("%s says %d times what %s replaces: the mutant is to be made anew from\n%s", m.file, times, m.name, m.says)
	}
	return strings.Replace(string(shipped), m.says, m.becomes, 1), nil
}

// overlay writes into dir what go build has to be told to build the mutant, and answers its arguments.
func (m mutant) overlay(root, dir string) ([]string, error) {
	changed, err := m.source(root)
	if err != nil {
		return nil, err
	}
	source, overlay := filepath.Join(dir, filepath.Base(m.file)), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, m.file): source}})
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", m.name, err)
	}
	for path, text := range map[string][]byte{source: []byte(changed), overlay: replace} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, fmt.Errorf("write %s: %w", m.name, err)
		}
	}
	return []string{"-overlay", overlay}, nil
}
