package search

import (
	"errors"
	"math/rand/v2"
)

// Walk makes moves at random until the world is at rest, and answers like a search. Where there are due moves, one in reluctance
// moves is a free one.
func Walk[W comparable, M any](game Game[W, M], chance *rand.Rand, reluctance int) (Found[W, M], error) {
	w := &walker[W, M]{game: game, chance: chance, reluctance: reluctance}
	err := w.walk(game.Begin())
	var breach *Breach
	if errors.As(err, &breach) {
		w.found.Breach, err = breach, nil
	}
	return w.found, err
}

type walker[W comparable, M any] struct {
	game       Game[W, M]
	chance     *rand.Rand
	reluctance int
	found      Found[W, M]
}

func (w *walker[W, M]) walk(world W) error {
	for {
		w.found.States++
		if err := w.game.Always(world); err != nil {
			return err
		}
		after, err := w.step(world)
		if err != nil {
			return err
		}
		if after == world {
			w.found.Rests++
			return w.game.Rested(world)
		}
		w.found.Transitions++
		w.found.Depth++
		world = after
	}
}

// step makes one move that changes something; at rest, where there is none that is due, it makes none.
func (w *walker[W, M]) step(world W) (W, error) {
	moves := w.game.Moves(world)
	due, free := w.shuffled(moves.Due), w.shuffled(moves.Free)
	if len(due) == 0 || len(free) > 0 && w.chance.IntN(w.reluctance) == 0 {
		due = append(free[:min(1, len(free))], due...)
	}
	for _, move := range due {
		after, err := w.game.Do(world, move)
		if err != nil || after != world {
			w.found.Schedule = append(w.found.Schedule, move)
			return after, err
		}
	}
	return world, nil
}

func (w *walker[W, M]) shuffled(moves []M) []M {
	w.chance.Shuffle(len(moves), func(i, j int) { moves[i], moves[j] = moves[j], moves[i] })
	return moves
}
