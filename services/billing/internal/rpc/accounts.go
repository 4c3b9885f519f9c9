// Package rpc answers what others ask billing.
package rpc

import (
	"context"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/platform/serve"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
	"quadrille.dev/services/billing/internal/refund"
)

// most is how many orders can be asked for at once.
const most = 1000

// Reader looks accounts and credit notes up: of those of the orders that were heard of.
type Reader interface {
	Opened(ctx context.Context, orders []account.OrderID) ([]account.Account, error)
	// CreditNotes answers the refunds of those of the orders for which there is a credit note, the oldest first.
	CreditNotes(ctx context.Context, orders []account.OrderID) ([]refund.Refund, error)
	// Parties answers who those of the customers are of whom that is known.
	Parties(ctx context.Context, customers []account.CustomerID) (map[account.CustomerID]party.Details, error)
}

// Accounts is the BillingService.
type Accounts struct {
	Reader Reader
	Desk   Desk
	Now    func() time.Time
}

// GetAccounts answers the accounts that the caller may see.
func (s Accounts) GetAccounts(ctx context.Context, r *billingv1.GetAccountsRequest) (*billingv1.GetAccountsResponse, error) {
	accounts, err := s.visible(ctx, r.GetOrderIds())
	if err != nil {
		return nil, err
	}
	notes, err := s.Reader.CreditNotes(ctx, ordersOf(accounts))
	if err != nil {
		return nil, err
	}
	parties, err := s.Reader.Parties(ctx, customersOf(accounts))
	if err != nil {
		return nil, err
	}
	returned := map[account.OrderID]int64{}
	for _, note := range notes {
		returned[note.Order] += note.Amount.Minor
	}
	response := &billingv1.GetAccountsResponse{}
	for _, a := range accounts {
		told := tell(a, returned[a.Order])
		if known, is := parties[a.Customer]; is && told.Invoice != nil {
			told.Invoice.BilledTo = billedTo(known)
		}
		response.Accounts = append(response.Accounts, told)
	}
	return response, nil
}

// visible answers those of the orders' accounts that the caller may see.
func (s Accounts) visible(ctx context.Context, ids []string) ([]account.Account, error) {
	orders, err := readOrders(ids)
	if err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	accounts, err := s.Reader.Opened(ctx, orders)
	caller := serve.CallerFrom(ctx)
	return slices.DeleteFunc(accounts, func(a account.Account) bool { return !caller.MaySee(a.Customer.UUID) }), err
}

func ordersOf(accounts []account.Account) []account.OrderID {
	orders := make([]account.OrderID, len(accounts))
	for i, a := range accounts {
		orders[i] = a.Order
	}
	return orders
}

func customersOf(accounts []account.Account) []account.CustomerID {
	var customers []account.CustomerID
	for _, a := range accounts {
		if !slices.Contains(customers, a.Customer) {
			customers = append(customers, a.Customer)
		}
	}
	return customers
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

// tell shows an account of which so much was given back for returns.
func tell(a account.Account, returned int64) *billingv1.Account {
	told := &billingv1.Account{
		OrderId: a.Order.String(),
		Payment: &billingv1.Payment{
			Status:   string(a.Payment.Status),
			Amount:   amount(a.Total),
			Refunded: amount(money.Money{Minor: returned, Currency: a.Total.Currency}),
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

func billedTo(details party.Details) *billingv1.Party {
	told := &billingv1.Party{Name: details.Name, Email: details.Email}
	if a := details.Address; a != (party.Address{}) {
		told.Address = &billingv1.Address{
			Name: a.Name, Street: a.Street, City: a.City, PostalCode: a.PostalCode, CountryCode: a.CountryCode,
		}
	}
	return told
}

func amount(m money.Money) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: m.Minor, CurrencyCode: m.Currency}
}
