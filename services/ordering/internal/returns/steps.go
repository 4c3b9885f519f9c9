package returns

// Step is what one context does for a return, and how it is undone.
type Step struct {
	Name    Name
	Context string
	// Do asks the context to do its part, Undo to undo it or never to do it.
	Do, Undo Command
}

// Name names a step.
type Name string

// Command is what a context is asked.
type Command string

// The commands.
const (
	ArrangePickup Command = "arrangePickup"
	CancelPickup  Command = "cancelPickup"
	Restock       Command = "restock"
	WithdrawStock Command = "withdrawStock"
	Refund        Command = "refund"
	CancelRefund  Command = "cancelRefund"
)

// Steps are the saga: they are done in this order, and undone in reverse. The last is the pivot: once it is done nothing is undone any
// more, and it alone can turn out to be done while it is being undone.
var Steps = [...]Step{
	{Name: "pickup", Context: "fulfillment", Do: ArrangePickup, Undo: CancelPickup},
	{Name: "restock", Context: "inventory", Do: Restock, Undo: WithdrawStock},
	{Name: "refund", Context: "billing", Do: Refund, Undo: CancelRefund},
}

const pivot = len(Steps) - 1

// of is the place of the step that a command belongs to; false if there is none.
func of(command Command) (int, bool) {
	for i, step := range Steps {
		if command == step.Do || command == step.Undo {
			return i, true
		}
	}
	return 0, false
}

// StepOf is the step that a command belongs to; false if there is none.
func StepOf(command Command) (Step, bool) {
	i, known := of(command)
	return Steps[i], known
}

// StepNamed is the step of a name; a step without a name if there is none.
func StepNamed(name Name) Step {
	if i, known := place(name); known {
		return Steps[i]
	}
	return Step{}
}

// place is the place of a step.
func place(name Name) (int, bool) {
	for i, step := range Steps {
		if step.Name == name {
			return i, true
		}
	}
	return 0, false
}
