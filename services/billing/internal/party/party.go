// Package party is who is billed: what customers tells of a customer when asked.
//
// Methods answer the party as it is after, and leave the party as it was.
package party

import (
	"time"

	"quadrille.dev/services/billing/internal/account"
)

// Party is a customer as invoices name them. Invoices do not hold it: one that was issued before the answer came names it, too.
type Party struct {
	Customer account.CustomerID
	Details
	// Heard is the sequence of the latest news of the customer, Told that of the news that Details take account of.
	Heard, Told int64
	// Erased parties have no details, and nobody is asked for them.
	Erased bool
	Call   Call
}

// Details are what customers tells. There is no address while the customer keeps none.
type Details struct {
	Name, Email string
	Address     Address
}

// Address is where the customer wants to be written to.
type Address struct{ Name, Street, City, PostalCode, CountryCode string }

// Call is a question to customers that is not answered.
type Call struct {
	// Wanted tells whether there is one.
	Wanted bool
	// Attempts counts how often it was handed over to a worker.
	Attempts int
	// DueAt is when it may be handed over, again if need be.
	DueAt time.Time
}

// Lease is how long a worker may take, before the call counts as lost with its worker.
const Lease = 10 * time.Second

// A call that went wrong is made again after a while that doubles from the first to the longest.
const (
	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 30 * time.Second
)

// Hear hears that there is something new of the customer, which is to be asked for.
func (p Party) Hear(sequence int64, at time.Time) Party {
	if p.Erased || sequence <= p.Heard {
		return p
	}
	p.Heard = sequence
	if !p.Call.Wanted {
		p.Call = Call{Wanted: true, DueAt: at}
	}
	return p
}

// HandOver gives the question to a worker.
func (p Party) HandOver(at time.Time) Party {
	p.Call.Attempts, p.Call.DueAt = p.Call.Attempts+1, at.Add(Lease)
	return p
}

// Learn hears the answer to a question that was asked when the news had come so far. It is none any more if the customer was erased
// meanwhile, or a later question was answered; and if there was more news, customers is asked again.
func (p Party) Learn(asked int64, details Details, at time.Time) Party {
	if p.Erased || asked <= p.Told {
		return p
	}
	p.Details, p.Told, p.Call = details, asked, Call{}
	if p.Heard > asked {
		p.Call = Call{Wanted: true, DueAt: at}
	}
	return p
}

// Miss hears that there was no answer.
func (p Party) Miss(at time.Time) Party {
	if !p.Call.Wanted || p.Call.Attempts == 0 {
		return p
	}
	wait := firstBackoff
	for range p.Call.Attempts - 1 {
		wait = min(2*wait, longestBackoff)
	}
	p.Call.DueAt = at.Add(wait)
	return p
}

// Forget hears that the customer was erased.
func (p Party) Forget() Party {
	return Party{Customer: p.Customer, Erased: true}
}
