package chaos

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/rabbit"
)

// report says in words what a trial went through.
func (t *Trial) report(ctx context.Context, schedule Schedule, rest time.Duration) (string, error) {
	outcomes, err := t.outcomes(ctx)
	if err != nil {
		return "", err
	}
	dropped, err := t.dropped()
	if err != nil {
		return "", err
	}
	t.counts["duplicates dropped by handlers"] = dropped
	var text strings.Builder
	fmt.Fprintf(&text, "seed %d, %d rounds, at rest %s after the last\n", schedule.Seed, len(schedule.Rounds), rest.Round(100*time.Millisecond))
	table(&text, "faults", t.struck)
	table(&text, "orders placed", t.placed)
	table(&text, "orders by outcome", outcomes)
	table(&text, "seen", t.counts)
	return text.String(), nil
}

func table[K cmp.Ordered](text *strings.Builder, title string, counts map[K]int) {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	fmt.Fprintf(text, "%s:", title)
	if title != "seen" {
		fmt.Fprintf(text, " %d", sum)
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(text, "\n  %5d  %v", counts[name], name)
	}
	text.WriteString("\n")
}

// outcomes counts orders by how they ended.
func (t *Trial) outcomes(ctx context.Context) (map[string]int, error) {
	conn, err := pgx.Connect(ctx, t.database("ordering"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	outcomes := map[string]int{}
	var outcome string
	var count int
	return outcomes, each(ctx, conn, `
		SELECT concat_ws(' ', upper(type), data ->> 'reason'), count(*) FROM order_events WHERE type IN ('fulfilled', 'cancelled') GROUP BY 1`,
		[]any{&outcome, &count}, func() { outcomes[outcome] = count })
}

// dropped counts in the logs, which outlive the programs, the messages that came again after they were handled.
func (t *Trial) dropped() (int, error) {
	dropped := 0
	for _, name := range rabbit.Contexts {
		for _, instance := range []string{name, name + "-2"} {
			log, err := os.ReadFile(t.LogFile(instance))
			if err != nil && !os.IsNotExist(err) {
				return 0, err
			}
			dropped += bytes.Count(log, []byte(`"msg":"handled before"`))
		}
	}
	return dropped, nil
}
