package edge

import (
	"context"

	"github.com/maypok86/otter/v2"
)

// texts is a cache whose keys are texts that clients have sent, of so many bytes in all. What is asked for once does not push out what
// is asked for often.
type texts[V any] struct{ cache *otter.Cache[string, V] }

func newTexts[V any](bytes uint64, size func(key string, value V) int) texts[V] {
	return texts[V]{otter.Must(&otter.Options[string, V]{
		MaximumWeight: bytes,
		Weigher:       func(key string, value V) uint32 { return uint32(size(key, value)) },
	})}
}

// Get is for gqlgen.
func (t texts[V]) Get(_ context.Context, key string) (V, bool) { return t.cache.GetIfPresent(key) }

// Add is for gqlgen.
func (t texts[V]) Add(_ context.Context, key string, value V) { t.cache.Set(key, value) }
