package acl

import (
	"slices"
	"strings"
	"sync"

	"quadrille.dev/schema"

	"quadrille.dev/services/chronicle/internal/saga"
)

// Processes are what the facts' schemas declare, by kind.
var Processes = sync.OnceValue(func() map[string]*saga.Process {
	newest := map[string]schema.Event{}
	for _, declared := range schema.Events() {
		newest[declared.Name] = declared
	}
	steps := map[string][]schema.Step{}
	for _, declared := range newest {
		if declared.Saga != nil {
			steps[declared.Saga.Process] = append(steps[declared.Saga.Process], declared.Saga.Steps...)
		}
	}
	parts := map[string][]saga.Declaration{}
	for _, declared := range newest {
		if declared.Saga != nil {
			kind := strings.ToUpper(declared.Saga.Process)
			parts[kind] = append(parts[kind], declarations(declared, steps[declared.Saga.Process])...)
		}
	}
	processes := map[string]*saga.Process{}
	for kind, declarations := range parts {
		processes[kind] = saga.NewProcess(kind, declarations)
	}
	return processes
})

// ProcessOf is the process that a fact is part of, whatever its version; nil when there is none.
func ProcessOf(fact string) *saga.Process {
	for _, process := range Processes() {
		if process.Declares(fact) {
			return process
		}
	}
	return nil
}

// declarations are a fact's part in its process: one, or if the fact can be of each of the steps, one for each.
func declarations(declared schema.Event, steps []schema.Step) []saga.Declaration {
	ofStep := func(e schema.Effect) bool { return e.Step == schema.OwnStep }
	if !slices.ContainsFunc(declared.Saga.Effects, ofStep) {
		return []saga.Declaration{declaration(declared, schema.Step{}, steps)}
	}
	all := make([]saga.Declaration, len(steps))
	for i, step := range steps {
		all[i] = declaration(declared, step, steps)
		all[i].Fact += " " + step.Name
	}
	return all
}

// declaration is a fact's part, as one of a step if that has a name.
func declaration(declared schema.Event, of schema.Step, steps []schema.Step) saga.Declaration {
	part := declared.Saga
	d := saga.Declaration{
		Fact: declared.Name, Context: declared.Owner, Remark: part.Remark, Turns: saga.State(part.Turns),
		Action: strings.NewReplacer(schema.OwnStep, of.Name, schema.StepContext, of.Context).Replace(part.Action),
	}
	switch {
	case part.Step != nil:
		d.Step, d.Position = part.Step.Name, part.Step.Position
	case part.Steps != nil:
		d.Step, d.Position, d.Context = of.Name, of.Position, of.Context
	}
	for _, group := range part.After {
		d.After = append(d.After, after(group, of, steps)...)
	}
	for _, declaredEffect := range part.Effects {
		for _, step := range meant(declaredEffect.Step, of, steps) {
			e := effect(declaredEffect)
			e.Step = step
			d.Effects = append(d.Effects, e)
		}
	}
	return d
}

// meant are the steps that are said with one of a fact that is itself of one, if that has a name.
func meant(said string, of schema.Step, steps []schema.Step) []string {
	switch said {
	case schema.OwnStep:
		return []string{of.Name}
	case schema.PreviousStep, schema.AnyStep, schema.EveryStep:
		var names []string
		for _, step := range steps {
			if said != schema.PreviousStep || step.Position == of.Position-1 {
				names = append(names, step.Name)
			}
		}
		return names
	default:
		return []string{said}
	}
}

// after is a group of facts any one of which is waited for; with every step it is as many groups.
func after(group []string, of schema.Step, steps []schema.Step) [][]string {
	var one []string
	var each [][]string
	for _, waited := range group {
		fact, said, ofStep := strings.Cut(waited, " ")
		if !ofStep {
			one = append(one, fact)
			continue
		}
		for _, step := range meant(said, of, steps) {
			if said == schema.EveryStep {
				each = append(each, []string{fact + " " + step})
			} else {
				one = append(one, fact+" "+step)
			}
		}
	}
	if one != nil {
		each = append(each, one)
	}
	return each
}

func effect(declared schema.Effect) saga.Effect {
	e := saga.Effect{Step: declared.Step}
	for _, verb := range declared.Does {
		switch verb {
		case schema.Completes:
			e.Completes = true
		case schema.Fails:
			e.Fails = true
		case schema.Compensates:
			e.Compensates = true
		case schema.Skips:
			e.CallsOff = true
		case schema.Stalls:
			e.Stalls = true
		case schema.Begins:
			e.Begins = true
		case schema.Retracts:
			e.Retracts = true
		case schema.Settles:
			e.Settles = true
		}
	}
	return e
}
