package search

import "errors"

// Found is what a search has come upon.
type Found[W comparable, M any] struct {
	// States counts distinct worlds, Rests those of them at rest, Transitions the moves between them, and Depth those of the longest
	// shortest way to a world.
	States, Rests, Transitions, Depth int
	// Breach is the first that was found, nil if there is none. Schedule leads to it.
	Breach   *Breach
	Schedule []M
}

// Exhaust visits every world that can be reached, breadth first, each once, and ends at the first breach. No schedule that leads to a
// breach is shorter by more than one move. Whoever wants to see the worlds at rest gives a function; nil is fine.
func Exhaust[W comparable, M any](game Game[W, M], rested func(W)) (Found[W, M], error) {
	s := &searcher[W, M]{game: game, rested: rested, seen: map[Key]uint32{}}
	err := s.run()
	var breach *Breach
	if errors.As(err, &breach) {
		s.found.Breach, err = breach, nil
	}
	s.found.States = len(s.seen)
	return s.found, err
}

type searcher[W comparable, M any] struct {
	game   Game[W, M]
	rested func(W)
	// seen numbers the worlds in the order of their discovery; by numbers, from says from where and how each was reached first.
	seen  map[Key]uint32
	from  []arrival[M]
	found Found[W, M]
}

type arrival[M any] struct {
	before uint32
	move   M
}

type visit[W any] struct {
	world  W
	number uint32
}

func (s *searcher[W, M]) run() error {
	begin := s.game.Begin()
	s.seen[s.game.Key(begin)] = 0
	s.from = append(s.from, arrival[M]{})
	if err := s.game.Always(begin); err != nil {
		return err
	}
	for level := []visit[W]{{begin, 0}}; ; s.found.Depth++ {
		var next []visit[W]
		for i, v := range level {
			var err error
			if next, err = s.expand(v, next); err != nil {
				return err
			}
			level[i] = visit[W]{} // for the garbage collector
		}
		if len(next) == 0 {
			return nil
		}
		level = next
	}
}

// expand makes every move of a world and appends the worlds that are new.
func (s *searcher[W, M]) expand(v visit[W], next []visit[W]) ([]visit[W], error) {
	moves, rest := s.game.Moves(v.world), true
	for i, move := range append(moves.Due, moves.Free...) {
		after, err := s.game.Do(v.world, move)
		if err != nil {
			s.found.Schedule = append(s.schedule(v.number), move)
			return nil, err
		}
		if after == v.world {
			continue
		}
		rest = rest && i >= len(moves.Due)
		s.found.Transitions++
		key := s.game.Key(after)
		if _, known := s.seen[key]; known {
			continue
		}
		number := uint32(len(s.from))
		s.seen[key] = number
		s.from = append(s.from, arrival[M]{v.number, move})
		if err := s.game.Always(after); err != nil {
			s.found.Schedule = s.schedule(number)
			return nil, err
		}
		next = append(next, visit[W]{after, number})
	}
	if !rest {
		return next, nil
	}
	s.found.Rests++
	if err := s.game.Rested(v.world); err != nil {
		s.found.Schedule = s.schedule(v.number)
		return nil, err
	}
	if s.rested != nil {
		s.rested(v.world)
	}
	return next, nil
}

// schedule is how a world was reached first.
func (s *searcher[W, M]) schedule(number uint32) []M {
	var moves []M
	for ; number != 0; number = s.from[number].before {
		moves = append(moves, s.from[number].move)
	}
	for i, j := 0, len(moves)-1; i < j; i, j = i+1, j-1 {
		moves[i], moves[j] = moves[j], moves[i]
	}
	return moves
}
