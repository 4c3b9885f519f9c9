package saga

// Change is what a fact, or several, changed in how a saga stands.
type Change struct {
	// State is how the saga stands after it.
	State State
	// Stalled is set when a step does not get on after it.
	Stalled bool
	// Steps are those that stood otherwise before, in the order of the process.
	Steps []StepChange
}

// StepChange is how a step stood before and after.
type StepChange struct {
	Context, Name string
	From, To      StepState
}

// Since answers how the saga stands, and what is otherwise than it was before.
func (s Saga) Since(before Saga) Change {
	change := Change{State: s.State(), Stalled: s.Stalled()}
	was := before.steps()
	for i, step := range s.steps() {
		if was[i].State != step.State {
			change.Steps = append(change.Steps, StepChange{Context: step.Context, Name: step.Name, From: was[i].State, To: step.State})
		}
	}
	return change
}
