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
	for _, a := range accounts {
		found[a.GetOrderId()] = Account{Payment: payment(a.GetPayment()), Invoice: invoice(a.GetInvoice())}
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

func payment(p *billingv1.Payment) *model.Payment {
	if p == nil {
		return nil
	}
	return &model.Payment{
		Status:   model.PaymentStatus(p.GetStatus()),
		Amount:   amount(p.GetAmount()),
		Refunded: amount(p.GetRefunded()),
		Attempts: p.GetAttempts(),
	}
}

func invoice(i *billingv1.Invoice) *model.Invoice {
	if i == nil {
		return nil
	}
	return &model.Invoice{
		Number: i.GetNumber(), Status: model.InvoiceStatus(i.GetStatus()), Total: amount(i.GetTotal()), BilledTo: party(i.GetBilledTo()),
	}
}

func party(p *billingv1.Party) *model.BillingParty {
	if p == nil {
		return nil
	}
	party := &model.BillingParty{Name: p.GetName(), Email: p.GetEmail()}
	if a := p.GetAddress(); a != nil {
		party.Address = &model.Address{
			Name: a.GetName(), Street: a.GetStreet(), City: a.GetCity(), PostalCode: a.GetPostalCode(), CountryCode: a.GetCountryCode(),
		}
	}
	return party
}
