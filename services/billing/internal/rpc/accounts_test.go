package rpc_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/money"
	"quadrille.dev/platform/serve"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
	"quadrille.dev/services/billing/internal/refund"
	"quadrille.dev/services/billing/internal/rpc"
)

var (
	orderID  = uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")
	returnID = uuid.MustParse("01996f60-2b10-7a3c-8d55-0c4e7b9a1e01")
	ada      = uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")
	grace    = uuid.MustParse("01996f1e-4f02-7d58-96aa-0d7b3c1e9f12")
)

type reader []account.Account

func (r reader) Opened(context.Context, []account.OrderID) ([]account.Account, error) { return r, nil }

func (r reader) Parties(_ context.Context, customers []account.CustomerID) (map[account.CustomerID]party.Details, error) {
	known := party.Details{Name: "Ada", Email: "ada@quadrille.test", Address: party.Address{City: "London"}}
	parties := map[account.CustomerID]party.Details{}
	for _, customer := range customers {
		parties[customer] = known
	}
	return parties, nil
}

// CreditNotes has one of 300 for each order.
func (r reader) CreditNotes(_ context.Context, orders []account.OrderID) ([]refund.Refund, error) {
	var notes []refund.Refund
	for i, order := range orders {
		notes = append(notes, refund.Refund{
			Return: refund.ReturnID{UUID: returnID}, Status: refund.Refunded, Order: order, InvoiceNumber: "INV-1",
			Amount: money.Money{Minor: 300, Currency: "GBP"}, Note: refund.NoteNumber(int64(i + 1)),
		})
	}
	return notes, nil
}

var billedTo = &billingv1.Party{Name: "Ada", Email: "ada@quadrille.test", Address: &billingv1.Address{City: "London"}}

func held(status account.PaymentStatus, invoice account.Invoice) rpc.Accounts {
	return rpc.Accounts{Reader: reader{{
		Order: account.OrderID{UUID: orderID}, Opened: true, Customer: account.CustomerID{UUID: ada},
		Total: money.Money{Minor: 425, Currency: "GBP"}, Payment: account.Payment{Status: status, Attempts: 2}, Invoice: invoice,
	}}}
}

func gbp(minor int64) *moneyv1.Money { return &moneyv1.Money{MinorUnits: minor, CurrencyCode: "GBP"} }

func TestGetAccounts(t *testing.T) {
	for _, test := range []struct {
		status  account.PaymentStatus
		invoice account.Invoice
		want    *billingv1.Account
	}{
		{account.Captured, account.Invoice{Status: account.InvoiceStands, Number: "INV-1"}, &billingv1.Account{
			OrderId: orderID.String(),
			Payment: &billingv1.Payment{Status: "CAPTURED", Amount: gbp(425), Refunded: gbp(300), Attempts: 2},
			Invoice: &billingv1.Invoice{Number: "INV-1", Status: "ISSUED", Total: gbp(425), BilledTo: billedTo},
		}},
		{account.Refunded, account.Invoice{Status: account.InvoiceVoid, Number: "INV-1"}, &billingv1.Account{
			OrderId: orderID.String(),
			Payment: &billingv1.Payment{Status: "REFUNDED", Amount: gbp(425), Refunded: gbp(425), Attempts: 2},
			Invoice: &billingv1.Invoice{Number: "INV-1", Status: "VOIDED", Total: gbp(425), BilledTo: billedTo},
		}},
		{account.Voided, account.Invoice{}, &billingv1.Account{
			OrderId: orderID.String(),
			Payment: &billingv1.Payment{Status: "VOIDED", Amount: gbp(425), Refunded: gbp(300), Attempts: 2},
		}},
	} {
		ctx := serve.WithCaller(t.Context(), serve.Caller{ID: ada, Roles: []string{serve.Customer}})
		request := &billingv1.GetAccountsRequest{OrderIds: []string{orderID.String()}}
		response, err := held(test.status, test.invoice).GetAccounts(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*billingv1.Account{test.want}, response.GetAccounts(), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestWhoMaySeeAnAccount(t *testing.T) {
	for _, test := range []struct {
		name   string
		caller serve.Caller
		sees   int
	}{
		{"its customer", serve.Caller{ID: ada, Roles: []string{serve.Customer}}, 1},
		{"another customer", serve.Caller{ID: grace, Roles: []string{serve.Customer}}, 0},
		{"an operator", serve.Caller{ID: grace, Roles: []string{serve.Operator}}, 1},
		{"a service", serve.Caller{Service: "gateway"}, 1},
		{"nobody", serve.Caller{}, 0},
	} {
		ctx, service, ids := serve.WithCaller(t.Context(), test.caller), held(account.Captured, account.Invoice{}), []string{orderID.String()}
		response, err := service.GetAccounts(ctx, &billingv1.GetAccountsRequest{OrderIds: ids})
		if err != nil || len(response.GetAccounts()) != test.sees {
			t.Errorf("%s sees %v, %v", test.name, response.GetAccounts(), err)
		}
		noted, err := service.GetCreditNotes(ctx, &billingv1.GetCreditNotesRequest{OrderIds: ids})
		if err != nil || len(noted.GetCreditNotes()) != test.sees {
			t.Errorf("%s sees %v, %v", test.name, noted.GetCreditNotes(), err)
		}
	}
}

func TestGetCreditNotes(t *testing.T) {
	ctx := serve.WithCaller(t.Context(), serve.Caller{ID: ada, Roles: []string{serve.Customer}})
	request := &billingv1.GetCreditNotesRequest{OrderIds: []string{orderID.String()}}
	response, err := held(account.Captured, account.Invoice{}).GetCreditNotes(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	want := []*billingv1.CreditNote{{
		OrderId: orderID.String(), ReturnId: returnID.String(), Number: "CN-00000001", InvoiceNumber: "INV-1", Amount: gbp(300),
	}}
	if diff := cmp.Diff(want, response.GetCreditNotes(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	for name, ids := range map[string][]string{"not an id": {"x"}, "too many": make([]string, 1001)} {
		service := held(account.Captured, account.Invoice{})
		_, accounts := service.GetAccounts(t.Context(), &billingv1.GetAccountsRequest{OrderIds: ids})
		_, notes := service.GetCreditNotes(t.Context(), &billingv1.GetCreditNotesRequest{OrderIds: ids})
		for _, err := range []error{accounts, notes} {
			if connect.CodeOf(err) != connect.CodeInvalidArgument {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
