// Package saga tells how a saga stands from the facts heard of it, whatever order they came in.
package saga

import (
	"slices"
	"strings"
)

// Declaration is a fact's part in a process.
type Declaration struct {
	// Fact is its name; of a fact that can be of several steps there is a declaration for each, with the step behind a space.
	Fact string
	// Context is who publishes the fact, or does the step.
	Context string
	// Remark is set when the fact has no other part than to stand among those of its saga.
	Remark bool
	// Step is set on the one fact that completes the step, and Position counts the steps from 1.
	Step     string
	Position int
	// After is what the fact waits for: of each group, any one fact.
	After [][]string
	// Effects are what the fact does to steps.
	Effects []Effect
	// Turns is what becomes of the saga; empty when it stays what it is. NeedsOperator holds as long as a step is stalled.
	Turns State
	// Action says what is being done while the fact is waited for; it may be empty.
	Action string
}

// Effect is what a fact does to a step; more than one verb when that depends on how the step stands.
type Effect struct {
	Step                                    string
	Completes, Fails, Compensates, CallsOff bool
	// Begins says that the step is under way. Retracts undoes a step that was tried in vain, and may have happened. Settles says that
	// nothing is left to do or to undo of it.
	Begins, Retracts, Settles bool
	// Stalls stands alone: one of the steps that the fact stalls does not get on, until anything else is heard of one of them.
	Stalls bool
}

// stalls tells whether a fact says that a step does not get on.
func (d Declaration) stalls() bool {
	return slices.ContainsFunc(d.Effects, func(e Effect) bool { return e.Stalls })
}

// moves tells whether a fact says of a step anything but that it does not get on.
func (d Declaration) moves(step string) bool {
	return slices.ContainsFunc(d.Effects, func(e Effect) bool { return e.Step == step && !e.Stalls })
}

// Process is what contexts go through together, as the facts declare it.
type Process struct {
	// Kind of saga: ORDER, RETURN.
	Kind  string
	facts []Declaration
	index map[string]int
	parts map[string]part
	// steps are the declarations that complete a step, by position.
	steps []Declaration
}

// part is what a fact's name tells of it.
type part struct{ remark, ofStep bool }

// key is what a fact is known by: its name, with the step that it is of, if it can be of several.
func key(fact, step string) string {
	if step == "" {
		return fact
	}
	return fact + " " + step
}

// name is a fact's own.
func name(key string) string {
	fact, _, _ := strings.Cut(key, " ")
	return fact
}

// NewProcess is the sum of what facts declare. The order of the declarations means nothing.
func NewProcess(kind string, declarations []Declaration) *Process {
	p := &Process{Kind: kind, index: map[string]int{}, parts: map[string]part{}}
	for _, fact := range declarations {
		p.parts[name(fact.Fact)] = part{remark: fact.Remark, ofStep: name(fact.Fact) != fact.Fact}
		if !fact.Remark {
			p.facts = append(p.facts, fact)
		}
		if fact.Step != "" {
			p.steps = append(p.steps, fact)
		}
	}
	slices.SortFunc(p.steps, func(a, b Declaration) int { return a.Position - b.Position })
	slices.SortFunc(p.facts, func(a, b Declaration) int {
		if byStep := p.position(a) - p.position(b); byStep != 0 {
			return byStep
		}
		return strings.Compare(a.Fact, b.Fact)
	})
	for i, fact := range p.facts {
		p.index[fact.Fact] = i
	}
	return p
}

// Declares tells whether a fact belongs to the process.
func (p *Process) Declares(fact string) bool {
	_, found := p.parts[fact]
	return found
}

// Remarks tells whether a fact of the process only remarks on a saga.
func (p *Process) Remarks(fact string) bool { return p.parts[fact].remark }

// OfStep tells whether a fact of the process is of one of several steps.
func (p *Process) OfStep(fact string) bool { return p.parts[fact].ofStep }

// position is that of the first step that the fact is about.
func (p *Process) position(fact Declaration) int {
	first := len(p.steps) + 1
	for _, effect := range fact.Effects {
		for _, step := range p.steps {
			if step.Step == effect.Step {
				first = min(first, step.Position)
			}
		}
	}
	return first
}
