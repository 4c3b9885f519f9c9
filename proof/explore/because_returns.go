package explore

import (
	"fmt"

	"quadrille.dev/proof/explore/search"
)

// reasoned holds what was told of returns against the order of the steps, and against the reasons that there are for it.
func (s *stage) reasoned(w *world, now stimulus, told []uint32) error {
	for i, number := range told {
		f := &s.facts[number]
		if f.ret < 0 || f.said == 0 {
			continue
		}
		before := s.toldOf(w, f.ret, told[:i])
		if wrong := s.unreasoned(f, before, now.deed); wrong != "" {
			return &search.Breach{Invariant: "step", Detail: fmt.Sprintf("%s: %s, and %s", s.nth(f.ret), short(f.Name()), wrong)}
		}
	}
	return nil
}

// toldOf is what was told of a return, in the world and just now.
func (s *stage) toldOf(w *world, ret int, just []uint32) *account {
	a := &account{tries: map[said]int{}}
	hear := func(number uint32) {
		if f := &s.facts[number]; f.ret == ret {
			a.said |= f.said
			a.tries[f.said]++
		}
	}
	for _, l := range w.post {
		hear(l.fact)
	}
	for _, number := range just {
		hear(number)
	}
	return a
}

// unreasoned tells why something must not be told of a return of which so much was told before; empty if it may.
func (s *stage) unreasoned(f *fact, before *account, now deed) string {
	for i := range steps {
		at := func(any said) bool { return f.said.has(any << i) }
		switch {
		case at(toDo):
			return mayDo(before, i)
		case at(toUndo):
			return mayUndo(before, i)
		case at(stepCompleted):
			return when(!before.has(wasDone, i), "nobody has said that it is done")
		case at(stepRefused):
			return when(!before.has(wasRefused, i), "nobody has refused it")
		case at(stepTimedOut) && now != isOverdue && now != losesPatience:
			return "no time has passed"
		case at(stepTimedOut):
			tries := before.tries[toDo<<i]
			return when(tries != s.Tries, "it was asked for %d times", tries)
		case at(stepCompensated) && f.reason == "OPERATOR":
			return when(now != isResolved, "no operator has said so")
		case at(stepCompensated):
			return when(!before.has(wasUndone, i), "nobody has said that it is undone")
		}
	}
	return mayEnd(f, before)
}

// mayDo tells whether it is a step's turn to be done.
func mayDo(before *account, step int) string {
	for i := range step {
		if !before.has(stepCompleted, i) {
			return steps[i].name + " is not done"
		}
	}
	return when(before.said.has(allSteps(stepFailed)), "a step has failed")
}

// mayUndo tells whether it is a step's turn to be undone.
func mayUndo(before *account, step int) string {
	for i := step + 1; i < len(steps); i++ {
		if !before.over(i) {
			return steps[i].name + " is not undone"
		}
	}
	switch {
	case before.said.has(returnCompleted):
		return "the return is completed"
	case !before.said.has(allSteps(stepFailed)):
		return "no step has failed"
	case !before.has(stepCompleted|stepTimedOut, step):
		return "it is not done, and cannot be"
	}
	return ""
}

// mayEnd tells whether a return may come to its end.
func mayEnd(f *fact, before *account) string {
	for i := range steps {
		switch {
		case f.said.has(returnCompleted) && !before.has(stepCompleted, i):
			return steps[i].name + " is not done"
		case f.said.has(returnCompensated) && !before.over(i):
			return steps[i].name + " is not undone"
		}
	}
	return when(f.said.has(returnCompensated) && !before.said.has(allSteps(stepFailed)), "no step has failed")
}
