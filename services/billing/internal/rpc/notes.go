package rpc

import (
	"context"

	billingv1 "quadrille.dev/schema/rpc/billing/v1"
)

// GetCreditNotes answers the credit notes of the orders that the caller may see.
func (s Accounts) GetCreditNotes(ctx context.Context, r *billingv1.GetCreditNotesRequest) (*billingv1.GetCreditNotesResponse, error) {
	accounts, err := s.visible(ctx, r.GetOrderIds())
	if err != nil {
		return nil, err
	}
	notes, err := s.Reader.CreditNotes(ctx, ordersOf(accounts))
	if err != nil {
		return nil, err
	}
	response := &billingv1.GetCreditNotesResponse{}
	for _, note := range notes {
		response.CreditNotes = append(response.CreditNotes, &billingv1.CreditNote{
			OrderId: note.Order.String(), ReturnId: note.Return.String(), Number: note.Note, InvoiceNumber: note.InvoiceNumber,
			Amount: amount(note.Amount),
		})
	}
	return response, nil
}
