package schema_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/schema"
)

// declared are the facts of the order process.
func declared(t *testing.T) map[string]schema.Event {
	t.Helper()
	facts := map[string]schema.Event{}
	for _, event := range schema.Events() {
		if event.Saga != nil && event.Saga.Process == "order" {
			facts[event.Name] = event
		}
	}
	return facts
}

func TestOrderProcessHasItsSteps(t *testing.T) {
	steps := map[int][2]string{}
	for _, fact := range declared(t) {
		step := fact.Saga.Step
		if step == nil {
			continue
		}
		if _, taken := steps[step.Position]; taken {
			t.Errorf("two steps at position %d", step.Position)
		}
		if !completes(fact, step.Name) {
			t.Errorf("%s declares step %s without completing it", fact.Name, step.Name)
		}
		steps[step.Position] = [2]string{step.Name, fact.Owner}
	}
	want := map[int][2]string{
		1: {"place", "ordering"},
		2: {"reserve", "inventory"},
		3: {"invoice", "billing"},
		4: {"charge", "billing"},
		5: {"arrange", "fulfillment"},
		6: {"deduct", "inventory"},
		7: {"fulfil", "ordering"},
		8: {"dispatch", "fulfillment"},
		9: {"deliver", "fulfillment"},
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}

func completes(fact schema.Event, step string) bool {
	return slices.ContainsFunc(fact.Saga.Effects, func(effect schema.Effect) bool {
		return effect.Step == step && slices.Contains(effect.Does, schema.Completes)
	})
}

func TestDeclarationsNameWhatExists(t *testing.T) {
	facts, owners := declared(t), map[string]string{}
	for _, fact := range facts {
		if fact.Saga.Step != nil {
			owners[fact.Saga.Step.Name] = fact.Owner
		}
	}
	for _, fact := range facts {
		for _, effect := range fact.Saga.Effects {
			if owners[effect.Step] != fact.Owner {
				t.Errorf("%s affects step %q of %q: a context speaks only of its own steps", fact.Name, effect.Step, owners[effect.Step])
			}
			for _, verb := range effect.Does {
				if !slices.Contains([]schema.Verb{schema.Completes, schema.Fails, schema.Compensates, schema.Skips, schema.Stalls}, verb) {
					t.Errorf("%s: verb %q", fact.Name, verb)
				}
				if verb == schema.Stalls && (len(effect.Does) > 1 || fact.Saga.Turns != "" || fact.Saga.Action != "") {
					t.Errorf("%s stalls %s, and does more", fact.Name, effect.Step)
				}
				if verb == schema.Fails && fact.Saga.Turns != schema.Compensating {
					t.Errorf("%s fails %s without turning the saga", fact.Name, effect.Step)
				}
			}
		}
		if !slices.Contains([]schema.SagaState{"", schema.Compensating, schema.Completed, schema.Compensated}, fact.Saga.Turns) {
			t.Errorf("%s turns the saga %q", fact.Name, fact.Saga.Turns)
		}
		for _, group := range fact.Saga.After {
			for _, name := range group {
				if _, known := facts[name]; !known {
					t.Errorf("%s waits for %q, which is no fact of the process", fact.Name, name)
				}
			}
		}
	}
}

// What a context waits for, it has to hear; what it hears of the process, something of it has to wait for.
func TestWaitsAndConsumersAgree(t *testing.T) {
	facts := declared(t)
	waits := map[[2]string]bool{}
	for _, fact := range facts {
		for _, group := range fact.Saga.After {
			for _, name := range group {
				if facts[name].Owner != fact.Owner {
					waits[[2]string{fact.Owner, name}] = true
				}
			}
		}
	}
	hears := map[[2]string]bool{}
	for _, fact := range facts {
		for _, consumer := range fact.Consumers {
			hears[[2]string{consumer, fact.Name}] = true
		}
	}
	if diff := cmp.Diff(hears, waits); diff != "" {
		t.Errorf("facts consumed (-) and waited for (+):\n%s", diff)
	}
}
