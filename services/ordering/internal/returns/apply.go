package returns

import "time"

func (r *Return) apply(recorded Recorded) {
	r.Version = recorded.Version
	switch event := recorded.Event.(type) {
	case Requested:
		r.State, r.Request, r.RequestedAt = StateRunning, event.Request, recorded.At
		for i := range r.Steps {
			r.Steps[i].Phase = PhasePending
		}
	case StepStarted:
		r.step(event.Step, func(p *Progress) { p.Phase, p.StartedAt = PhaseRunning, recorded.At })
	case Commanded:
		r.commanded(event, recorded.At)
	case StepCompleted:
		r.noLongerStalled()
		r.step(event.Step, func(p *Progress) { p.Phase, p.FinishedAt, p.Reference = PhaseDone, recorded.At, event.Reference })
	case StepFailed:
		r.failed(event, recorded.At)
	case UndoRefused:
		r.Asked.Said = event.Reason
	case StepCompensated:
		r.noLongerStalled()
		r.step(event.Step, func(p *Progress) { p.Phase, p.FinishedAt = PhaseCompensated, recorded.At })
	case Completed:
		r.State, r.EndedAt, r.Failure = StateCompleted, recorded.At, ""
	case Compensated:
		r.State, r.EndedAt = StateCompensated, recorded.At
	case NeedsOperator:
		r.State = StateNeedsOperator
	}
}

// noLongerStalled tells that nobody has to see to it any more, as a step is done or undone after all.
func (r *Return) noLongerStalled() {
	if r.State == StateNeedsOperator {
		r.State = StateCompensating
	}
}

func (r *Return) step(name Name, change func(*Progress)) {
	if i, known := place(name); known {
		change(&r.Steps[i])
	}
}

func (r *Return) commanded(event Commanded, at time.Time) {
	said := r.Asked.Said
	if event.Attempt == 1 {
		said = ""
	}
	r.Asked = Asked{Command: event.Command, Attempt: event.Attempt, At: at, Due: at.Add(event.Patience), Said: said}
	i, known := of(event.Command)
	if !known {
		return
	}
	r.Steps[i].Attempts++
	if event.Command == Steps[i].Undo {
		r.State, r.Steps[i].Phase = StateCompensating, PhaseCompensating
	}
}

func (r *Return) failed(event StepFailed, at time.Time) {
	r.State, r.Failure = StateCompensating, event.Reason
	r.step(event.Step, func(p *Progress) { p.Phase, p.FinishedAt, p.Uncertain = PhaseFailed, at, event.Cause == TimedOut })
	for i := range r.Steps {
		if r.Steps[i].Phase == PhasePending {
			r.Steps[i].Phase = PhaseSkipped
		}
	}
}
