package rpc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/pricing/internal/acl"
	"quadrille.dev/services/pricing/internal/postgres"
	"quadrille.dev/services/pricing/internal/rpc"
	"quadrille.dev/services/pricing/migrations"
)

var olga = serve.Caller{ID: uuid.MustParse("01940000-0000-7000-8000-0000000000cc"), Roles: []string{serve.Operator}, Email: "olga@quadrille.test"}

// shop is a price list with its operator and a clock that stands still.
type shop struct {
	*testing.T
	*rpc.Pricing
	ctx context.Context
	at  time.Time
}

func open(t *testing.T) *shop {
	t.Helper()
	db, err := platform.Open(t.Context(), testkit.Postgres(t), "pricing")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "audit", audit.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "pricing", migrations.FS); err != nil {
		t.Fatal(err)
	}
	s := &shop{T: t, ctx: serve.WithCaller(t.Context(), olga), at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	s.Pricing = &rpc.Pricing{
		Database: &postgres.Database{DB: db, Publish: acl.Published},
		Now:      func() time.Time { return s.at },
	}
	return s
}

func pounds(minor int64) *moneyv1.Money {
	return &moneyv1.Money{MinorUnits: minor, CurrencyCode: "GBP"}
}

func (s *shop) price(sku string, list *moneyv1.Money) *pricingv1.Price {
	s.Helper()
	response, err := s.ChangePrice(s.ctx, &pricingv1.ChangePriceRequest{Sku: sku, ListPrice: list})
	if err != nil || len(response.UserErrors) > 0 {
		s.Fatalf("price %s: %v, %v", sku, response, err)
	}
	return response.Price
}

// published takes the facts out of the outbox, but for what it says of operators: "price.changed CUP 1 {…}".
func (s *shop) published() []string {
	s.Helper()
	rows, err := s.Database.Query(s.Context(), `
		WITH taken AS (DELETE FROM outbox WHERE routing_key NOT LIKE 'operator.%' RETURNING position, envelope) SELECT envelope FROM taken ORDER BY position`)
	if err != nil {
		s.Fatal(err)
	}
	facts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var body []byte
		if err := row.Scan(&body); err != nil {
			return "", err
		}
		e, err := event.Decode(body)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s %s %d %s", strings.TrimPrefix(e.Name(), "pricing."), e.Subject, e.Sequence, e.Data),
			eventtest.Validate(e.Name(), e.DataVersion, e.Data)
	})
	if err != nil {
		s.Fatal(err)
	}
	return facts
}

func problems(errors []*problemv1.UserError) string {
	var all []string
	for _, wrong := range errors {
		all = append(all, wrong.Code+" "+strings.Join(wrong.Path, "."))
	}
	return strings.Join(all, ", ")
}

func TestChangePrice(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := s.price("cup", pounds(425))
	s.at = s.at.Add(time.Hour)
	if same := s.price("CUP", pounds(425)); !same.ChangedAt.AsTime().Equal(first.ChangedAt.AsTime()) {
		t.Errorf("an unchanged price is from %s, then from %s", first.ChangedAt.AsTime(), same.ChangedAt.AsTime())
	}
	s.price("CUP", pounds(450))
	const off = `"tierDiscounts":{"PREMIUM":500,"STANDARD":0,"VIP":1000}`
	want := []string{
		`price.changed CUP 1 {"sku":"CUP","listPrice":{"minorUnits":425,"currency":"GBP"},` + off +
			`,"changedAt":"2026-03-01T12:00:00Z"}`,
		`price.changed CUP 2 {"sku":"CUP","listPrice":{"minorUnits":450,"currency":"GBP"},` + off +
			`,"changedAt":"2026-03-01T13:00:00Z"}`,
	}
	if diff := cmp.Diff(want, s.published()); diff != "" {
		t.Error("published (-want +got):\n" + diff)
	}

	response, err := s.GetPrices(t.Context(), &pricingv1.GetPricesRequest{Skus: []string{"NONE", "cup", "a\x00"}})
	if err != nil {
		t.Fatal(err)
	}
	prices := []*pricingv1.Price{{Sku: "CUP", ListPrice: pounds(450), ChangedAt: timestamppb.New(s.at)}}
	if diff := cmp.Diff(prices, response.Prices, protocmp.Transform()); diff != "" {
		t.Error("prices (-want +got):\n" + diff)
	}
	_, err = s.GetPrices(t.Context(), &pricingv1.GetPricesRequest{Skus: make([]string, 1001)})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 prices: %v", err)
	}
	audited := []string{
		"olga@quadrille.test price.changed CUP: Set the list price of CUP to 4.25 GBP.",
		"olga@quadrille.test price.changed CUP: Set the list price of CUP to 4.50 GBP.",
	}
	if diff := cmp.Diff(audited, testkit.Audited(t, s.Database)); diff != "" {
		t.Error("audited (-want +got):\n" + diff)
	}
}

func TestChangePriceRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct {
		sku  string
		list *moneyv1.Money
		want string
	}{
		{"", nil, "REQUIRED sku, REQUIRED price"},
		{"a b", pounds(0), "MALFORMED sku, OUT_OF_RANGE price.amount"},
		{"CUP", pounds(100_000_001), "OUT_OF_RANGE price.amount"},
		{"CUP", &moneyv1.Money{MinorUnits: 1, CurrencyCode: "£"}, "MALFORMED price.currencyCode"},
	} {
		response, err := s.ChangePrice(s.ctx, &pricingv1.ChangePriceRequest{Sku: c.sku, ListPrice: c.list})
		if err != nil || problems(response.UserErrors) != c.want || response.Price != nil {
			t.Errorf("%q %v: %v, %v; want %s", c.sku, c.list, response, err, c.want)
		}
	}
	if facts := s.published(); len(facts) > 0 {
		t.Errorf("refused, and published %v", facts)
	}
}

func TestPricesChangedAtOnceAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	s := open(t)
	var changes errgroup.Group
	for n := range 20 {
		changes.Go(func() error {
			_, err := s.ChangePrice(s.ctx, &pricingv1.ChangePriceRequest{Sku: "CUP", ListPrice: pounds(int64(n + 1))})
			return err
		})
	}
	if err := changes.Wait(); err != nil {
		t.Fatal(err)
	}
	facts := s.published()
	for i, fact := range facts {
		if !strings.HasPrefix(fact, fmt.Sprintf("price.changed CUP %d ", i+1)) {
			t.Errorf("fact %d is %s", i+1, fact)
		}
	}
	if len(facts) != 20 {
		t.Errorf("%d facts, want 20", len(facts))
	}
}

func TestOnlyOperatorsSetPrices(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, caller := range []serve.Caller{{}, {ID: uuid.New(), Roles: []string{serve.Customer}}, {Service: "gateway"}} {
		ctx := serve.WithCaller(t.Context(), caller)
		_, change := s.ChangePrice(ctx, &pricingv1.ChangePriceRequest{Sku: "CUP", ListPrice: pounds(1)})
		_, promote := s.CreatePromotion(ctx, &pricingv1.CreatePromotionRequest{Code: "SPRING", BasisPoints: 1})
		for _, err := range []error{change, promote} {
			if connect.CodeOf(err) != connect.CodePermissionDenied {
				t.Errorf("%+v: %v", caller, err)
			}
		}
	}
}

func TestCreatePromotion(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct {
		request *pricingv1.CreatePromotionRequest
		want    string
	}{
		{&pricingv1.CreatePromotionRequest{Code: " spring-26 ", BasisPoints: 1250}, ""},
		{&pricingv1.CreatePromotionRequest{Code: "SPRING-26", BasisPoints: 1}, "CODE_TAKEN code"},
		{&pricingv1.CreatePromotionRequest{}, "REQUIRED code, OUT_OF_RANGE percentOff"},
		{&pricingv1.CreatePromotionRequest{Code: "A1", BasisPoints: 10001}, "MALFORMED code, OUT_OF_RANGE percentOff"},
		{&pricingv1.CreatePromotionRequest{Code: strings.Repeat("A", 33), BasisPoints: 1}, "MALFORMED code"},
		{&pricingv1.CreatePromotionRequest{Code: "ÉTÉ", BasisPoints: 1}, "MALFORMED code"},
		{&pricingv1.CreatePromotionRequest{Code: "PAST", BasisPoints: 1, EndsAt: timestamppb.New(s.at)}, "OUT_OF_RANGE endsAt"},
		{&pricingv1.CreatePromotionRequest{
			Code: "NEVER", BasisPoints: 1,
			StartsAt: timestamppb.New(s.at.Add(2 * time.Hour)), EndsAt: timestamppb.New(s.at.Add(time.Hour)),
		}, "OUT_OF_RANGE endsAt"},
		{&pricingv1.CreatePromotionRequest{
			Code: "NEVER", BasisPoints: 1, StartsAt: &timestamppb.Timestamp{Seconds: 1 << 60},
		}, "MALFORMED startsAt"},
	} {
		response, err := s.CreatePromotion(s.ctx, c.request)
		if err != nil || problems(response.UserErrors) != c.want || (response.Promotion == nil) != (c.want != "") {
			t.Errorf("%v: %v, %v; want %q", c.request, response, err, c.want)
		}
	}
	response, err := s.CreatePromotion(s.ctx, &pricingv1.CreatePromotionRequest{
		Code: "WEEK", BasisPoints: 500, EndsAt: timestamppb.New(s.at.AddDate(0, 0, 7)),
	})
	want := &pricingv1.Promotion{
		Code: "WEEK", BasisPoints: 500, StartsAt: timestamppb.New(s.at), EndsAt: timestamppb.New(s.at.AddDate(0, 0, 7)),
	}
	if diff := cmp.Diff(want, response.GetPromotion(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	audited := []string{
		"olga@quadrille.test promotion.created SPRING-26: Created promotion SPRING-26, which takes off 12.50 %.",
		"olga@quadrille.test promotion.created WEEK: Created promotion WEEK, which takes off 5.00 %.",
	}
	if diff := cmp.Diff(audited, testkit.Audited(t, s.Database)); diff != "" {
		t.Error("audited (-want +got):\n" + diff)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.price("CUP", pounds(425))
	s.price("JUG", pounds(1000))
	for _, request := range []*pricingv1.CreatePromotionRequest{
		{Code: "TEN", BasisPoints: 1000},
		{Code: "LATER", BasisPoints: 1000, StartsAt: timestamppb.New(s.at.Add(time.Hour))},
		{Code: "BRIEF", BasisPoints: 250, EndsAt: timestamppb.New(s.at.Add(time.Hour))},
	} {
		if response, err := s.CreatePromotion(s.ctx, request); err != nil || len(response.UserErrors) > 0 {
			t.Fatalf("%v, %v", response, err)
		}
	}
	quote := func(tier string, codes ...string) *pricingv1.QuoteResponse {
		t.Helper()
		response, err := s.Quote(t.Context(), &pricingv1.QuoteRequest{
			Lines: []*pricingv1.QuoteRequest_Line{{Sku: "jug", Quantity: 1}, {Sku: "CUP", Quantity: 2}}, Tier: tier, PromotionCodes: codes,
		})
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	want := &pricingv1.QuoteResponse{
		Lines: []*pricingv1.QuoteResponse_Line{
			{Sku: "JUG", Quantity: 1, UnitPrice: pounds(900), LineTotal: pounds(900)},
			{Sku: "CUP", Quantity: 2, UnitPrice: pounds(382), LineTotal: pounds(764)},
		},
		Discount: pounds(208), Total: pounds(1456),
	}
	if diff := cmp.Diff(want, quote("VIP", "ten", "Brief"), protocmp.Transform()); diff != "" {
		t.Error("quote (-want +got):\n" + diff)
	}
	if standard := quote(""); standard.Total.MinorUnits != 1850 || standard.Discount.MinorUnits != 0 {
		t.Errorf("without tier and promotion: %v", standard)
	}
	early := problems(quote("VIP", "TEN", "LATER", "a\x00").UserErrors)
	if early != "UNKNOWN_PROMOTION promotionCodes.1, UNKNOWN_PROMOTION promotionCodes.2" {
		t.Errorf("before it starts: %s", early)
	}
	s.at = s.at.Add(time.Hour)
	if got := problems(quote("VIP", "BRIEF", "LATER").UserErrors); got != "UNKNOWN_PROMOTION promotionCodes.0" {
		t.Errorf("after it ended: %s", got)
	}
}

func TestQuoteRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.price("CUP", pounds(425))
	s.price("TEE", &moneyv1.Money{MinorUnits: 1200, CurrencyCode: "JPY"})
	line := func(sku string, quantity int32) *pricingv1.QuoteRequest_Line {
		return &pricingv1.QuoteRequest_Line{Sku: sku, Quantity: quantity}
	}
	for _, c := range []struct {
		lines []*pricingv1.QuoteRequest_Line
		want  string
	}{
		{nil, "REQUIRED lines"},
		{[]*pricingv1.QuoteRequest_Line{line("CUP", 0), line("", 1)}, "OUT_OF_RANGE lines.0.quantity, REQUIRED lines.1.sku"},
		{
			[]*pricingv1.QuoteRequest_Line{line("CUP", 1), line("NONE", 1), line("a\x00", 1)},
			"UNPRICED_PRODUCT lines.1.sku, UNPRICED_PRODUCT lines.2.sku",
		},
		{[]*pricingv1.QuoteRequest_Line{line("CUP", 1), line("TEE", 1)}, "MALFORMED lines.1.sku"},
	} {
		response, err := s.Quote(t.Context(), &pricingv1.QuoteRequest{Lines: c.lines, Tier: "STANDARD"})
		if err != nil || problems(response.UserErrors) != c.want || response.Total != nil {
			t.Errorf("%v: %v, %v; want %s", c.lines, response, err, c.want)
		}
	}
	_, err := s.Quote(t.Context(), &pricingv1.QuoteRequest{Lines: []*pricingv1.QuoteRequest_Line{line("CUP", 1)}, Tier: "GOLD"})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("a tier that is none: %v", err)
	}
}
