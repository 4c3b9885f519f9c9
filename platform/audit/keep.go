package audit

import (
	"cmp"
	"time"

	"quadrille.dev/platform/prune"
)

// keptFor is how long it is kept what operators did, unless something else is asked for.
const keptFor = 2 * 365 * 24 * time.Hour

// Kept says when it may be forgotten what operators did.
func Kept(asked time.Duration) prune.Table {
	return prune.Table{Name: "audit", Age: "at", KeptFor: cmp.Or(asked, keptFor)}
}
