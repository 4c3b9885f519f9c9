package acl

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
)

// Billing knows payments, invoices and credit notes.
type Billing struct {
	rpc billingv1connect.BillingServiceClient
}

// NewBilling makes a client of billing.
func NewBilling(rpc billingv1connect.BillingServiceClient) *Billing { return &Billing{rpc} }

// Account is what billing holds of one order; either may be missing.
type Account struct {
	Payment *model.Payment
	Invoice *model.Invoice
}

// Accounts answers payments and invoices by order.
func (b *Billing) Accounts(ctx context.Context, orders []string) (map[string]Account, error) {
	accounts, err := inParts(orders, atOnce, func(part []string) ([]*billingv1.Account, error) {
		answer, err := b.rpc.GetAccounts(ctx, &billingv1.GetAccountsRequest{OrderIds: part})
		return answer.GetAccounts(), failure(ctx, "billing", err)
	})
	found := make(map[string]Account, len(accounts))
	ledger := newLedger(len(accounts))
	for _, a := range accounts {
		found[a.GetOrderId()] = Account{Payment: ledger.payment(a.GetPayment()), Invoice: ledger.invoice(a.GetInvoice())}
	}
	return found, err
}

// CreditNotes answers the credit notes of orders, by order; an order without any has an empty list.
func (b *Billing) CreditNotes(ctx context.Context, orders []string) (map[string][]*model.CreditNote, error) {
	notes, err := inParts(orders, atOnce, func(part []string) ([]*billingv1.CreditNote, error) {
		answer, err := b.rpc.GetCreditNotes(ctx, &billingv1.GetCreditNotesRequest{OrderIds: part})
		return answer.GetCreditNotes(), failure(ctx, "billing", err)
	})
	if err != nil {
		return nil, err
	}
	found := make(map[string][]*model.CreditNote, len(orders))
	for _, order := range orders {
		found[order] = []*model.CreditNote{}
	}
	all := make([]*model.CreditNote, len(notes))
	for i, n := range notes {
		all[i] = &model.CreditNote{
			Number: n.GetNumber(), InvoiceNumber: n.GetInvoiceNumber(), Amount: amount(n.GetAmount()), ReturnKey: n.GetReturnId(),
		}
		found[n.GetOrderId()] = append(found[n.GetOrderId()], all[i])
	}
	model.GatherCreditNotes(all)
	return found, nil
}

// ledger has room for what is told of orders.
type ledger struct {
	sums
	payments slab[model.Payment]
	invoices slab[model.Invoice]
	parties  slab[model.BillingParty]
}

func newLedger(orders int) *ledger {
	return &ledger{sums{make([]model.Money, 3*orders)}, make([]model.Payment, orders), make([]model.Invoice, orders), make([]model.BillingParty, orders)}
}

func (l *ledger) payment(p *billingv1.Payment) *model.Payment {
	if p == nil {
		return nil
	}
	payment := l.payments.next()
	*payment = model.Payment{
		Status:   model.PaymentStatus(p.GetStatus()),
		Amount:   l.amount(p.GetAmount()),
		Refunded: l.amount(p.GetRefunded()),
		Attempts: p.GetAttempts(),
	}
	return payment
}

func (l *ledger) invoice(i *billingv1.Invoice) *model.Invoice {
	if i == nil {
		return nil
	}
	invoice := l.invoices.next()
	*invoice = model.Invoice{
		Number: i.GetNumber(), Status: model.InvoiceStatus(i.GetStatus()), Total: l.amount(i.GetTotal()), BilledTo: l.party(i.GetBilledTo()),
	}
	return invoice
}

func (l *ledger) party(p *billingv1.Party) *model.BillingParty {
	if p == nil {
		return nil
	}
	party := l.parties.next()
	*party = model.BillingParty{Name: p.GetName(), Email: p.GetEmail()}
	if a := p.GetAddress(); a != nil {
		party.Address = &model.Address{
			Name: a.GetName(), Street: a.GetStreet(), City: a.GetCity(), PostalCode: a.GetPostalCode(), CountryCode: a.GetCountryCode(),
		}
	}
	return party
}
