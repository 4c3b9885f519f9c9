package acl

import (
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/services/ordering/internal/returns"
)

// ofReturn begins everything that is said of a return.
type ofReturn struct {
	ReturnID string `json:"returnId"`
	OrderID  string `json:"orderId"`
}

type returnRequested struct {
	ofReturn
	OrderNumber string         `json:"orderNumber"`
	CustomerID  string         `json:"customerId"`
	Lines       []returns.Line `json:"lines"`
	Refund      money.Money    `json:"refund"`
	Reason      string         `json:"reason"`
}

// ofStep begins everything that is said of a step.
type ofStep struct {
	ofReturn
	Step    returns.Name `json:"step"`
	Context string       `json:"context"`
}

type stepCompleted struct {
	ofStep
	Reference string `json:"reference"`
}

type stepFailed struct {
	ofStep
	Cause  returns.Cause `json:"cause"`
	Reason string        `json:"reason"`
}

type stepCompensated struct {
	ofStep
	By returns.Actor `json:"by"`
}

type needsOperator struct {
	ofStep
	Attempts int    `json:"attempts"`
	Reason   string `json:"reason"`
}

type returnCompleted struct {
	ofReturn
	Lines  []returns.Line `json:"lines"`
	Refund money.Money    `json:"refund"`
}

type returnCompensated struct {
	ofReturn
	Reason string `json:"reason"`
}

type takeBack struct {
	ofReturn
	Lines []returns.Line `json:"lines"`
}

type giveBack struct {
	ofReturn
	Amount money.Money `json:"amount"`
}

// command is the name of the message that a command travels as.
func command(c returns.Command) string { return "ordering.return." + string(c) }

// publishedOfReturn is the fact or command that an event is; false for what others said themselves.
func publishedOfReturn(r returns.Return, recorded returns.Recorded) (event.Fact, bool) {
	fact := event.Fact{
		Version: 1, Subject: r.ID.String(), Sequence: recorded.Version, CorrelationID: r.ID.String(), OrderNumber: r.OrderNumber,
		At: recorded.At,
	}
	if e, is := recorded.Event.(returns.Commanded); is {
		step, _ := returns.StepOf(e.Command)
		fact.Name, fact.Data = command(e.Command), asked(r, e.Command)
		fact.To, fact.ReplyTo = rabbit.CommandsExchange(step.Context), rabbit.RepliesExchange("ordering")
		return fact, true
	}
	fact.Name, fact.Data = told(r, recorded.Event)
	return fact, fact.Name != ""
}

// asked is what a command says.
func asked(r returns.Return, c returns.Command) any {
	of := ofReturn{r.ID.String(), r.OrderID.String()}
	switch c {
	case returns.ArrangePickup, returns.Restock:
		return takeBack{of, r.Lines}
	case returns.Refund:
		return giveBack{of, r.Refund}
	case returns.CancelPickup, returns.WithdrawStock, returns.CancelRefund:
		return of
	}
	panic("no case for command " + c)
}

func told(r returns.Return, e returns.Event) (string, any) {
	of := ofReturn{r.ID.String(), r.OrderID.String()}
	step := func(name returns.Name) ofStep { return ofStep{of, name, returns.StepNamed(name).Context} }
	switch e := e.(type) {
	case returns.Requested:
		return "ordering.return.requested", returnRequested{of, e.OrderNumber, e.CustomerID.String(), e.Lines, e.Refund, e.Reason}
	case returns.StepStarted:
		return "ordering.return.stepStarted", step(e.Step)
	case returns.StepCompleted:
		return "ordering.return.stepCompleted", stepCompleted{step(e.Step), e.Reference}
	case returns.StepFailed:
		return "ordering.return.stepFailed", stepFailed{step(e.Step), e.Cause, e.Reason}
	case returns.StepCompensated:
		return "ordering.return.stepCompensated", stepCompensated{step(e.Step), e.By}
	case returns.Completed:
		return "ordering.return.completed", returnCompleted{of, r.Lines, r.Refund}
	case returns.Compensated:
		return "ordering.return.compensated", returnCompensated{of, r.Failure}
	case returns.NeedsOperator:
		return "ordering.return.needsOperator", needsOperator{step(e.Step), e.Attempts, e.Reason}
	}
	return "", nil
}
