package explore

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"quadrille.dev/proof/explore/search"
)

// The roles, and how many there are.
const (
	roleOrdering = iota
	roleInventory
	roleBilling
	roleFulfillment
	roles
)

// world is how everything stands. Everything in it is a number that the stage knows the meaning of, so that worlds are small and
// quickly compared. A world never changes.
type world struct {
	// at is the state of each role.
	at [roles]uint32
	// post is every fact that was ever told, by its number, and how far it has got.
	post []letter
	// books are what provider and carrier have done and refused, by number: their own ledgers, whatever anybody heard of it.
	books []entry
	spent spent
}

// letter is a fact under way: how often each role has handled it.
type letter struct {
	fact   uint32
	copies [roles]uint8
}

// spent is how much of what is bounded has happened.
type spent struct {
	lost, died, late, crashed, forgot    uint8
	timers, retried, resolved, delivered uint8
	erased                               uint16
}

func (w *world) clone() *world {
	next := *w
	next.post, next.books = slices.Clone(w.post), slices.Clone(w.books)
	return &next
}

// tell puts facts in the post, for everybody who wants to hear them.
func (w *world) tell(facts []uint32) {
	for _, fact := range facts {
		at, known := slices.BinarySearchFunc(w.post, fact, func(l letter, fact uint32) int { return int(l.fact) - int(fact) })
		if !known {
			w.post = slices.Insert(w.post, at, letter{fact: fact})
		}
	}
}

func (w *world) handled(fact uint32, by int) {
	at, _ := slices.BinarySearchFunc(w.post, fact, func(l letter, fact uint32) int { return int(l.fact) - int(fact) })
	w.post[at].copies[by]++
}

// seeds are two, so that keys have 128 bits.
var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// Key is equal for equal worlds.
func (s *stage) Key(w *world) search.Key {
	b := s.scratch[:0]
	for _, at := range w.at {
		b = binary.LittleEndian.AppendUint32(b, at)
	}
	b = append(b, w.spent.lost, w.spent.died, w.spent.late, w.spent.crashed, w.spent.forgot, byte(w.spent.erased), byte(w.spent.erased>>8))
	b = append(b, w.spent.timers, w.spent.retried, w.spent.resolved, w.spent.delivered)
	for _, e := range w.books {
		b = append(binary.LittleEndian.AppendUint32(b, e.call), byte(e.outcome))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(w.books)))
	for _, l := range w.post {
		b = append(binary.LittleEndian.AppendUint32(b, l.fact), l.copies[:]...)
	}
	s.scratch = b
	return search.Key{maphash.Bytes(seeds[0], b), maphash.Bytes(seeds[1], b)}
}
