// Package rpc answers what others ask billing.
package rpc

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/platform/serve"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	"quadrille.dev/services/billing/internal/account"
)

// most is how many orders can be asked for at once.
const most = 1000

// Reader looks accounts up: of those of the orders that were heard of.
type Reader interface {
	Opened(ctx context.Context, orders []account.OrderID) ([]account.Account, error)
}

// Accounts is the BillingService.
type Accounts struct {
	Reader Reader
	Desk   Desk
	Now    func() time.Time
}

// GetAccounts answers the accounts that the caller may see.
func (s Accounts) GetAccounts(ctx context.Context, r *billingv1.GetAccountsRequest) (*billingv1.GetAccountsResponse, error) {
	orders, err := readOrders(r.GetOrderIds())
	if err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	accounts, err := s.Reader.Opened(ctx, orders)
	if err != nil {
		return nil, err
	}
	caller, response := serve.CallerFrom(ctx), &billingv1.GetAccountsResponse{}
	for _, a := range accounts {
		if caller.MaySee(a.Customer.UUID) {
			response.Accounts = append(response.Accounts, tell(a))
		}
	}
	return response, nil
}

func readOrders(ids []string) ([]account.OrderID, error) {
	if len(ids) > most {
		return nil, fmt.Errorf("%d orders at once, at most %d", len(ids), most)
	}
	orders := make([]account.OrderID, len(ids))
	for i, id := range ids {
		order, err := uuid.Parse(id)
		if err != nil {
			return nil, fmt.Errorf("read order id %q: %w", id, err)
		}
		orders[i] = account.OrderID{UUID: order}
	}
	return orders, nil
}

func tell(a account.Account) *billingv1.Account {
	told := &billingv1.Account{
		OrderId: a.Order.String(),
		Payment: &billingv1.Payment{
			Status:   string(a.Payment.Status),
			Amount:   amount(a.Total),
			Refunded: amount(money.Money{Currency: a.Total.Currency}),
			Attempts: int32(a.Payment.Attempts),
		},
	}
	if a.Payment.Status == account.Refunded {
		told.Payment.Refunded = amount(a.Total)
	}
	if a.Invoice.Status != account.NoInvoice {
		told.Invoice = &billingv1.Invoice{
			Number: a.Invoice.Number, Status: string(a.Invoice.Status), Total: amount(a.Total),
		}
	}
	return told
}

func amount(m money.Money) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: m.Minor, CurrencyCode: m.Currency}
}
