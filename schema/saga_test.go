package schema_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/schema"
)

// declared are the facts of a process, without those that only remark on it.
func declared(t *testing.T, process string) map[string]schema.Event {
	t.Helper()
	facts := map[string]schema.Event{}
	for _, event := range schema.Events() {
		if event.Saga != nil && event.Saga.Process == process && !event.Saga.Remark {
			facts[event.Name] = event
		}
	}
	return facts
}

func TestOrderProcessHasItsSteps(t *testing.T) {
	steps := map[int][2]string{}
	for _, fact := range declared(t, "order") {
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
	facts, owners := declared(t, "order"), map[string]string{}
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
	facts := declared(t, "order")
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

func TestReturnProcessHasItsSteps(t *testing.T) {
	var steps []schema.Step
	for _, fact := range declared(t, "return") {
		if fact.Owner != "ordering" || fact.Saga.Step != nil {
			t.Errorf("%s of %s is part of what ordering conducts, with step %v", fact.Name, fact.Owner, fact.Saga.Step)
		}
		if fact.Saga.Steps != nil {
			if steps != nil || !completes(fact, schema.OwnStep) {
				t.Errorf("%s declares steps: another fact does, or it does not complete them", fact.Name)
			}
			steps = fact.Saga.Steps
		}
	}
	want := []schema.Step{
		{Name: "pickup", Context: "fulfillment", Position: 1},
		{Name: "restock", Context: "inventory", Position: 2},
		{Name: "refund", Context: "billing", Position: 3},
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}

// What facts of the return say of steps, their payloads can name, with those who do them; and what they wait for exists.
func TestDeclarationsOfTheReturnNameWhatExists(t *testing.T) {
	facts := declared(t, "return")
	ofSteps := func(name string) bool {
		return slices.ContainsFunc(facts[name].Saga.Effects, func(e schema.Effect) bool { return e.Step == schema.OwnStep })
	}
	for _, fact := range facts {
		var payload struct {
			Properties struct {
				Step, Context struct{ Enum []string }
			}
		}
		if err := json.Unmarshal(fact.Schema, &payload); err != nil {
			t.Fatal(err)
		}
		var want, by []string
		if ofSteps(fact.Name) {
			want, by = []string{"pickup", "restock", "refund"}, []string{"fulfillment", "inventory", "billing"}
		}
		if diff := cmp.Diff([][]string{want, by}, [][]string{payload.Properties.Step.Enum, payload.Properties.Context.Enum}); diff != "" {
			t.Errorf("%s: steps and contexts in the payload:\n%s", fact.Name, diff)
		}
		for _, effect := range fact.Saga.Effects {
			if effect.Step != schema.OwnStep && effect.Step != schema.EveryStep {
				t.Errorf("%s affects %q", fact.Name, effect.Step)
			}
		}
		for _, group := range fact.Saga.After {
			for _, waited := range group {
				name, of, ofStep := strings.Cut(waited, " ")
				if _, known := facts[name]; !known || ofSteps(name) != ofStep {
					t.Errorf("%s waits for %q", fact.Name, waited)
				}
				own := of == schema.OwnStep || of == schema.PreviousStep
				if ofStep && !own && of != schema.AnyStep && (of != schema.EveryStep || len(group) > 1) || own && !ofSteps(fact.Name) {
					t.Errorf("%s waits for %q, which means nothing", fact.Name, waited)
				}
			}
		}
	}
}

// Chronicle asks of what is waited for whether that can come at all, and must come to an end with it.
func TestNothingWaitsForItself(t *testing.T) {
	for _, process := range []string{"order", "return"} {
		facts := declared(t, process)
		var waits func(name string, by []string)
		waits = func(name string, by []string) {
			if slices.Contains(by, name) {
				t.Fatalf("%s waits for itself, by %v", name, by)
			}
			for _, group := range facts[name].Saga.After {
				for _, waited := range group {
					if waited, of, _ := strings.Cut(waited, " "); of != schema.PreviousStep {
						waits(waited, append(slices.Clip(by), name))
					}
				}
			}
		}
		for name := range facts {
			waits(name, nil)
		}
	}
}
