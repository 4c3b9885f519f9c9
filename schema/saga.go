package schema

// Saga is a fact's part in a process that several contexts go through together. A process is the sum of what its facts declare:
// it is written down nowhere else.
type Saga struct {
	// Process is the kind of saga: "order".
	Process string `json:"process"`
	// Remark is set when the fact only tells something about a saga: it has no other part in the process.
	Remark bool `json:"remark"`
	// Step is declared by the one fact that completes the step; the step is its owner's.
	Step *Step `json:"step"`
	// Steps are declared instead by the one fact that completes each of several steps, which one context has others do: that which
	// the payload's `step` names.
	Steps []Step `json:"steps"`
	// After is what the fact waits for: of each group, any one fact. Without groups it waits for nothing. What a person asks for,
	// or a deadline brings about, comes without it. Behind a fact of several steps stands of which it is waited for.
	After [][]string `json:"after"`
	// Effects are what the fact does to steps.
	Effects []Effect `json:"effects"`
	// Turns is what becomes of the saga; empty when it stays what it is. Of a fact that stalls steps, it is so as long as that holds.
	Turns SagaState `json:"turns"`
	// Action is what a context does that ends with this fact, in words for an operator; empty when another fact that ends the
	// same doing says it. It may speak of {step} and {context}.
	Action string `json:"action"`
}

// A fact one of whose effects is on OwnStep is of the step that its payload's `step` names, and is heard once of each; EveryStep
// stands for all of a process. Behind a fact in After they mean that fact of the same step, and of every one; PreviousStep means that
// of the step before, if there is one, and AnyStep that of some step.
const (
	OwnStep      = "{step}"
	PreviousStep = "{previous}"
	AnyStep      = "{any}"
	EveryStep    = "{every}"
)

// StepContext is who does the step, in an Action.
const StepContext = "{context}"

// Step is one context's work in a saga.
type Step struct {
	Name string `json:"name"`
	// Position counts the steps of the process from 1.
	Position int `json:"position"`
	// Context is who does the step, if that is not the owner of the fact.
	Context string `json:"context"`
}

// Effect is what a fact does to a step. The fact comes only while, of each step that it touches, one of the verbs holds.
type Effect struct {
	Step string `json:"step"`
	Does []Verb `json:"does"`
}

// Verb is one thing that a fact can do to a step.
type Verb string

// The verbs: the step is under way; it is done; it was tried in vain; having been done, it is undone; not having been done, it is called
// off; having been tried in vain, it is undone, too, since it may have happened; nothing is left to do or to undo of it.
const (
	Begins      Verb = "begins"
	Completes   Verb = "completes"
	Fails       Verb = "fails"
	Compensates Verb = "compensates"
	Skips       Verb = "skips"
	Retracts    Verb = "retracts"
	Settles     Verb = "settles"
)

// Stalls is the verb of a fact that nobody waits for, which may come again, and of which one of the steps holds: neither done nor
// undone, it has been tried for so long that an operator should look. That is over when anything else is heard of one of the steps.
const Stalls Verb = "stalls"

// SagaState is what a fact can make of a saga.
type SagaState string

// The states that facts lead to: things are being undone; at rest as intended; at rest with everything undone; nothing goes on before an
// operator has seen to it.
const (
	Compensating  SagaState = "COMPENSATING"
	Completed     SagaState = "COMPLETED"
	Compensated   SagaState = "COMPENSATED"
	NeedsOperator SagaState = "NEEDS_OPERATOR"
)
