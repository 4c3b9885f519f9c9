package acl

import (
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
	parts := map[string][]saga.Declaration{}
	for _, declared := range newest {
		if declared.Saga != nil {
			kind := strings.ToUpper(declared.Saga.Process)
			parts[kind] = append(parts[kind], declaration(declared))
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

func declaration(declared schema.Event) saga.Declaration {
	part := declared.Saga
	d := saga.Declaration{
		Fact: declared.Name, Context: declared.Owner, After: part.After, Turns: saga.State(part.Turns), Action: part.Action,
	}
	if part.Step != nil {
		d.Step, d.Position = part.Step.Name, part.Step.Position
	}
	for _, declaredEffect := range part.Effects {
		d.Effects = append(d.Effects, effect(declaredEffect))
	}
	return d
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
		}
	}
	return e
}
