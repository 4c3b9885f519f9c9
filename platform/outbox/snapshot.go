package outbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// snapshot is what a query has seen: all transactions with a number below next, but for those that were running.
type snapshot struct {
	next    uint64
	running []uint64
}

// parseSnapshot reads PostgreSQL's pg_snapshot: "10:20:10,14,15".
func parseSnapshot(text string) (s snapshot, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return snapshot{}, fmt.Errorf("snapshot %q has not three parts", text)
	}
	if s.next, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
		return snapshot{}, fmt.Errorf("snapshot %q: %w", text, err)
	}
	for running := range strings.SplitSeq(parts[2], ",") {
		if running == "" {
			continue
		}
		xid, err := strconv.ParseUint(running, 10, 64)
		if err != nil {
			return snapshot{}, fmt.Errorf("snapshot %q: %w", text, err)
		}
		s.running = append(s.running, xid)
	}
	return s, nil
}

// saw tells whether the transaction had ended.
func (s snapshot) saw(xid uint64) bool { return xid < s.next && !slices.Contains(s.running, xid) }
