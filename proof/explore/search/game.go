// Package search goes through everything that can happen in a world, or through some of it at random.
package search

// Game says what can happen in worlds W by moves M. It has to be deterministic: the same move in an equal world leads to equal worlds.
type Game[W comparable, M any] interface {
	// Begin is the world before anything has happened.
	Begin() W
	// Moves lists what can happen in a world, always in the same order. A move that turns out to change nothing is none.
	Moves(world W) Moves[M]
	// Do is the world after a move, the very same one if nothing has changed; a *Breach if the move itself does what must not be.
	// It leaves the world before as it is.
	Do(world W, move M) (W, error)
	// Key is equal for equal worlds, and for no others.
	Key(world W) Key
	// Always answers a *Breach of what has to be true of every world, Rested one of what has to be true of worlds at rest.
	Always(world W) error
	Rested(world W) error
}

// Moves are those that can be made in a world.
type Moves[M any] struct {
	// Due are the moves of which one happens sooner or later, if nothing else does. A world without any is at rest.
	Due []M
	// Free are the moves that happen or do not.
	Free []M
}

// Key tells worlds apart. It has 128 bits, so that among ten million worlds two have the same one with a probability of 10⁻²⁵.
type Key [2]uint64

// Breach is an invariant that does not hold.
type Breach struct {
	// Invariant is its short name.
	Invariant string
	// Detail says what is the case instead.
	Detail string
}

func (b *Breach) Error() string { return b.Invariant + ": " + b.Detail }
