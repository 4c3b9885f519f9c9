package postgres

import (
	"context"
	"fmt"
	"time"
)

// NextDue is the earliest deadline of an undecided order, or timer of a return; false if there is none.
func (r Reader) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due *time.Time
	err := r.q.QueryRow(ctx, `
		SELECT least((SELECT min(due_at) FROM deadlines), (SELECT min(due_at) FROM return_timers))`).Scan(&due)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find next deadline: %w", err)
	}
	if due == nil {
		return time.Time{}, false, nil
	}
	return due.UTC(), true, nil
}
