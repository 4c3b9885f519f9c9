package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// tell puts a schedule into words, by playing it again.
func (v *Violation) tell(s *stage, moves []Move) {
	w := s.Begin()
	for _, move := range moves {
		next, err := s.Do(w, move)
		step, told := s.labels(w)[move], []string(nil)
		if err == nil {
			told = s.news(w, next)
			w = next
		}
		v.Steps, v.Told = append(v.Steps, step), append(v.Told, told)
	}
}

// labels are the words of all moves that can be made in a world. Those of different moves differ.
func (s *stage) labels(w *world) map[Move]string {
	labels, used := map[Move]string{}, map[string]int{}
	moves := s.Moves(w)
	for _, move := range append(moves.Due, moves.Free...) {
		if _, listed := labels[move]; listed {
			continue
		}
		words := s.words(move)
		if used[words]++; used[words] > 1 {
			words = fmt.Sprintf("%s (%d)", words, used[words])
		}
		labels[move] = words
	}
	return labels
}

// news are the facts told between one world and the next, in words.
func (s *stage) news(before, after *world) []string {
	var news []string
	for _, number := range s.fresh(before, after) {
		f := &s.facts[number]
		news = append(news, f.Context()+" says "+short(f.Name())+" of "+s.subject(f.Subject))
	}
	return news
}

// fresh are the facts told between one world and the next, in the order in which they were told.
func (s *stage) fresh(before, after *world) []uint32 {
	known := map[uint32]bool{}
	for _, l := range before.post {
		known[l.fact] = true
	}
	var fresh []uint32
	for _, l := range after.post {
		if !known[l.fact] {
			fresh = append(fresh, l.fact)
		}
	}
	slices.SortFunc(fresh, func(x, y uint32) int { return cmp.Compare(s.facts[x].Sequence, s.facts[y].Sequence) })
	return fresh
}

// String is the schedule as a person reads it.
func (v *Violation) String() string {
	var b strings.Builder
	for i, step := range v.Steps {
		fmt.Fprintf(&b, "%4d  %s", i+1, step)
		if len(v.Told[i]) > 0 {
			b.WriteString(": " + strings.Join(v.Told[i], ", "))
		}
		b.WriteString("\n")
	}
	b.WriteString("      " + v.Invariant + ": " + v.Detail + "\n")
	return b.String()
}

// Describe is a violation of a scenario, in a first line for programs and more for people.
func (r Report) Describe() string {
	v := r.Violation
	return fmt.Sprintf("VIOLATION scenario=%s invariant=%s steps=%d\n", r.Scenario, v.Invariant, len(v.Steps)) + v.String() + "\nAs a test:\n\n" + v.Source
}
