package inbox

import (
	"time"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/prune"
)

// KeptFor is the least time for which it is remembered that a message was handled: far longer than any message can come again, be it
// from a queue, from a publisher's outbox or from the stream, which keeps a week.
const KeptFor = 30 * 24 * time.Hour

// Kept says when the inbox may forget messages. What is set aside is never forgotten.
func Kept(keptFor time.Duration) prune.Table {
	return prune.Table{Name: "inbox", Age: "handled_at", KeptFor: max(keptFor, KeptFor)}
}

// InterventionsKept says when it may be forgotten which parked messages operators edited or discarded: when the audit of it is.
func InterventionsKept(keptFor time.Duration) prune.Table {
	table := audit.Kept(keptFor)
	table.Name = "interventions"
	return table
}
