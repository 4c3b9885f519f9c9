package schema

// Saga is a fact's part in a process that several contexts go through together. A process is the sum of what its facts declare:
// nobody conducts it, and it is written down nowhere else.
type Saga struct {
	// Process is the kind of saga: "order".
	Process string `json:"process"`
	// Step is declared by the one fact that completes the step; the step is its owner's.
	Step *Step `json:"step"`
	// After is what the fact waits for: of each group, any one fact. Without groups it waits for nothing. What a person asks for,
	// or a deadline brings about, comes without it.
	After [][]string `json:"after"`
	// Effects are what the fact does to steps.
	Effects []Effect `json:"effects"`
	// Turns is what becomes of the saga; empty when it stays what it is.
	Turns SagaState `json:"turns"`
	// Action is what a context does that ends with this fact, in words for an operator; empty when another fact that ends the
	// same doing says it.
	Action string `json:"action"`
}

// Step is one context's work in a saga.
type Step struct {
	Name string `json:"name"`
	// Position counts the steps of the process from 1.
	Position int `json:"position"`
}

// Effect is what a fact does to a step. The fact comes only while, of each step that it touches, one of the verbs holds.
type Effect struct {
	Step string `json:"step"`
	Does []Verb `json:"does"`
}

// Verb is one thing that a fact can do to a step.
type Verb string

// The verbs: the step is done; it was tried in vain; having been done, it is undone; not having been done, it is called off.
const (
	Completes   Verb = "completes"
	Fails       Verb = "fails"
	Compensates Verb = "compensates"
	Skips       Verb = "skips"
)

// Stalls is the verb of a fact that nobody waits for, which may come again, and of which one of the steps holds: neither done nor
// undone, it has been tried for so long that an operator should look. That is over when anything else is heard of one of the steps.
const Stalls Verb = "stalls"

// SagaState is what a fact can make of a saga.
type SagaState string

// The states that facts lead to: things are being undone; at rest as intended; at rest with everything undone.
const (
	Compensating SagaState = "COMPENSATING"
	Completed    SagaState = "COMPLETED"
	Compensated  SagaState = "COMPENSATED"
)
