package refund

import (
	"fmt"
	"time"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
)

// Name is what a command asks for.
type Name string

// The commands.
const (
	Refunding  Name = "refund"
	Cancelling Name = "cancelRefund"
)

// Command asks for money to be given back for a return, or never to be.
type Command struct {
	Return ReturnID
	Order  account.OrderID
	// Amount is nothing in a command to cancel.
	Amount money.Money
	// ReplyTo is where the answer goes.
	ReplyTo string
}

// Charge is what the order has paid, from which money can be given back.
type Charge struct {
	// Captured is false while nothing was, or when all of it goes back anyway.
	Captured bool
	Amount   money.Money
	ID       string
	Invoice  string
	// Promised is what returns of the order get already, or may get.
	Promised int64
}

// ChargeOf is what an account has paid, of which so much is promised to returns.
func ChargeOf(a account.Account, promised int64) Charge {
	return Charge{
		Captured: a.Payment.Status == account.Captured, Amount: a.Total, ID: a.Payment.ChargeID, Invoice: a.Invoice.Number, Promised: promised,
	}
}

// refuses tells why money cannot be given back; empty if it can.
func (c Charge) refuses(amount money.Money) string {
	left := c.Amount.Minor - c.Promised
	switch {
	case !c.Captured:
		return "Nothing was charged that could be given back."
	case amount.Currency != c.Amount.Currency:
		return fmt.Sprintf("The order was paid in %s.", c.Amount.Currency)
	case amount.Minor > left:
		return fmt.Sprintf("Only %s is left to give back.", money.Money{Minor: max(0, left), Currency: c.Amount.Currency})
	}
	return ""
}

// Ask hears that money is to be given back. Asked again, it answers as it stands; while that is not known, when it is.
func (r Refund) Ask(c Command, charge Charge, at time.Time) []Event {
	return r.ask(c, charge, func(r Refund) []Event {
		if r.CancelReplyTo != "" { // in doubt
			return r.doubt(at)
		}
		return []Event{CallIntended{At: at}}
	})
}

// AskAgain is Ask by a command that may have been heard before, and been forgotten, together with what came of it. Nothing is done on its
// account, because it may have been called off since; only what was done is found out. Who still wants it done asks anew.
func (r Refund) AskAgain(c Command, charge Charge, at time.Time) []Event {
	return r.ask(c, charge, func(r Refund) []Event { return r.doubt(at) })
}

// ask goes on with what can be given back.
func (r Refund) ask(c Command, charge Charge, on func(Refund) []Event) []Event {
	if r.Status != New {
		return r.again(Refunding, c.ReplyTo)
	}
	events := []Event{Requested{Command: c, ChargeID: charge.ID, Invoice: charge.Invoice}}
	r = r.Apply(events...)
	if reason := charge.refuses(c.Amount); reason != "" {
		return append(events, r.conclude(GivingRefused{Reason: reason})...)
	}
	return append(events, on(r)...)
}

// CallOff hears that the money is never to be given back. Once a worker has taken the call the provider's answer decides.
func (r Refund) CallOff(c Command) []Event {
	switch r.Status {
	case New, Intended:
		cancelled := Cancelled{Command: c}
		return append([]Event{cancelled}, r.Apply(cancelled).conclude(GivingCalledOff{})...)
	case Asked, Doubted:
		if r.CancelReplyTo == "" {
			return []Event{Cancelled{Command: c}}
		}
		return nil
	case Refunded, Refused, CalledOff:
	}
	return r.again(Cancelling, c.ReplyTo)
}

// CallOffInDoubt is CallOff of a refund that may have been made, and been forgotten: only the provider knows. For that the command to
// refund has to be heard, which says how much it was.
func (r Refund) CallOffInDoubt(c Command, at time.Time) []Event {
	if r.Status != New && r.Status != Intended {
		return r.CallOff(c)
	}
	cancelled := Cancelled{Command: c}
	return append([]Event{cancelled}, r.Apply(cancelled).doubt(at)...)
}

// Doubt follows the intention of a call that may have been made, or been called off, by a billing that has been forgotten.
func (r Refund) Doubt(at time.Time) []Event {
	if r.Status != Intended {
		return nil
	}
	return r.doubt(at)
}

// doubt has the provider asked whether it has given the money back.
func (r Refund) doubt(at time.Time) []Event {
	switch {
	case r.ReplyTo == "":
		return nil
	case r.Amount.Minor == 0 && r.CancelReplyTo != "":
		return r.conclude(GivingCalledOff{})
	case r.Amount.Minor == 0:
		return nil
	}
	return []Event{CallDoubted{At: at}}
}

// again answers a command that was heard before, as the refund stands; nothing while that is not known.
func (r Refund) again(command Name, to string) []Event {
	if r.Asks() != NoOperation {
		return nil
	}
	return []Event{r.answer(command, to)}
}
