package rpc_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/testkit"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

const (
	live   = orderingv1.PricedFrom_PRICED_FROM_LIVE
	cached = orderingv1.PricedFrom_PRICED_FROM_CACHED
)

func TestPlaceOrder(t *testing.T) {
	s := open(t)
	req := asking()
	req.Lines = []*orderingv1.LineInput{{Sku: " cup", Quantity: 2}, {Sku: "JUG", Quantity: 1}, {Sku: "Cup", Quantity: 3}}
	req.PromotionCodes = []string{"spring"}
	got := s.placed(s.ada(), req)
	want := &orderingv1.Order{
		Id: got.Id, Number: "Q-00000001", CustomerId: ada.String(), Status: "PLACED",
		PlacedAt: timestamppb.New(at), Deadline: timestamppb.New(at.Add(15 * time.Minute)), PricedFrom: live,
		Lines: []*orderingv1.Line{
			{Sku: "CUP", Quantity: 5, UnitPrice: pounds(425), LineTotal: pounds(2125)},
			{Sku: "JUG", Quantity: 1, UnitPrice: pounds(425), LineTotal: pounds(425)},
		},
		Discount: pounds(10), Total: pounds(2540), ShippingAddress: req.ShippingAddress,
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
	if id := uuid.MustParse(got.Id); id.Version() != 7 {
		t.Errorf("%s is no UUIDv7", id)
	}
	read, err := s.GetOrders(s.ada(), &orderingv1.GetOrdersRequest{Ids: []string{got.Id}})
	if diff := cmp.Diff(&orderingv1.GetOrdersResponse{Orders: []*orderingv1.Order{want}}, read, protocmp.Transform()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if s.rows("outbox") != 1 || s.rows("deadlines") != 1 {
		t.Errorf("%d facts, %d deadlines", s.rows("outbox"), s.rows("deadlines"))
	}
}

// mistakes are inputs that are refused, and what is said of them: code, path and details.
var mistakes = map[string]struct {
	spoil func(*orderingv1.PlaceOrderRequest)
	want  []string
}{
	"no lines": {func(r *orderingv1.PlaceOrderRequest) { r.Lines = nil }, []string{"REQUIRED lines"}},
	"too many lines": {
		func(r *orderingv1.PlaceOrderRequest) { r.Lines = slices.Repeat(r.Lines, 1001) }, []string{"OUT_OF_RANGE lines"},
	},
	"quantities": {
		func(r *orderingv1.PlaceOrderRequest) {
			r.Lines = []*orderingv1.LineInput{
				{Sku: "CUP", Quantity: 0}, {Sku: "CUP", Quantity: -1}, {Sku: "CUP", Quantity: 10_000}, {Sku: "JUG", Quantity: 10_001},
			}
		},
		[]string{"OUT_OF_RANGE lines.0.quantity", "OUT_OF_RANGE lines.1.quantity", "OUT_OF_RANGE lines.3.quantity"},
	},
	"too many together": {
		func(r *orderingv1.PlaceOrderRequest) {
			r.Lines = []*orderingv1.LineInput{{Sku: "CUP", Quantity: 10_000}, {Sku: "cup", Quantity: 1}}
		},
		[]string{"OUT_OF_RANGE lines.1.quantity"},
	},
	"unknown products": {
		func(r *orderingv1.PlaceOrderRequest) {
			r.Lines = append(r.Lines, &orderingv1.LineInput{Sku: "nix", Quantity: 1}, &orderingv1.LineInput{Sku: "OLD", Quantity: 1})
		},
		[]string{"UNKNOWN_PRODUCT lines.1.sku sku=NIX", "UNKNOWN_PRODUCT lines.2.sku sku=OLD"},
	},
	"not even a SKU": {
		func(r *orderingv1.PlaceOrderRequest) {
			r.Lines = append(r.Lines, &orderingv1.LineInput{Quantity: 1}, &orderingv1.LineInput{Sku: "a b\x00", Quantity: 1})
		},
		[]string{"REQUIRED lines.1.sku", "UNKNOWN_PRODUCT lines.2.sku sku=a b\x00"},
	},
	"unpriced product": {
		func(r *orderingv1.PlaceOrderRequest) {
			r.Lines = append(r.Lines, r.Lines[0], &orderingv1.LineInput{Sku: "TEA", Quantity: 1})
		},
		[]string{"UNPRICED_PRODUCT lines.2.sku"},
	},
	"another currency": {
		func(r *orderingv1.PlaceOrderRequest) {
			r.Lines = append(r.Lines, r.Lines[0], &orderingv1.LineInput{Sku: "YEN", Quantity: 1})
		},
		[]string{"MALFORMED lines.2.sku"},
	},
	"promotions": {
		func(r *orderingv1.PlaceOrderRequest) { r.PromotionCodes = []string{"SPRING", "AUTUMN"} },
		[]string{"UNKNOWN_PROMOTION promotionCodes.1"},
	},
	"no promotion code": {
		func(r *orderingv1.PlaceOrderRequest) { r.PromotionCodes = []string{"?"} }, []string{"UNKNOWN_PROMOTION promotionCodes.0"},
	},
	"too many promotions": {
		func(r *orderingv1.PlaceOrderRequest) { r.PromotionCodes = slices.Repeat([]string{"SPRING"}, 11) },
		[]string{"OUT_OF_RANGE promotionCodes"},
	},
	"no key":        {func(r *orderingv1.PlaceOrderRequest) { r.IdempotencyKey = "" }, []string{"REQUIRED idempotencyKey"}},
	"malformed key": {func(r *orderingv1.PlaceOrderRequest) { r.IdempotencyKey = "1" }, []string{"MALFORMED idempotencyKey"}},
	"malformed key in braces": {
		func(r *orderingv1.PlaceOrderRequest) { r.IdempotencyKey = "{" + uuid.NewString() + "}" }, []string{"MALFORMED idempotencyKey"},
	},
	"a card number": {
		func(r *orderingv1.PlaceOrderRequest) { r.PaymentToken = "4242424242424242" },
		[]string{"INVALID_PAYMENT_METHOD payment.card.token"},
	},
	"no token": {func(r *orderingv1.PlaceOrderRequest) { r.PaymentToken = "" }, []string{"INVALID_PAYMENT_METHOD payment.card.token"}},
	"a long token": {
		func(r *orderingv1.PlaceOrderRequest) { r.PaymentToken = "pm_" + strings.Repeat("x", 65) },
		[]string{"INVALID_PAYMENT_METHOD payment.card.token"},
	},
	"no address": {func(r *orderingv1.PlaceOrderRequest) { r.ShippingAddress = nil }, []string{"REQUIRED shippingAddress"}},
	"an empty address": {
		func(r *orderingv1.PlaceOrderRequest) { r.ShippingAddress = &orderingv1.Address{Name: " "} },
		[]string{
			"REQUIRED shippingAddress.countryCode", "REQUIRED shippingAddress.name", "REQUIRED shippingAddress.street",
			"REQUIRED shippingAddress.city", "REQUIRED shippingAddress.postalCode",
		},
	},
	"a long address": {
		func(r *orderingv1.PlaceOrderRequest) {
			r.ShippingAddress = &orderingv1.Address{
				Name: strings.Repeat("ä", 201), Street: strings.Repeat("ä", 200), City: strings.Repeat("ä", 101),
				PostalCode: strings.Repeat("1", 21), CountryCode: "GB",
			}
		},
		[]string{"OUT_OF_RANGE shippingAddress.name", "OUT_OF_RANGE shippingAddress.city", "OUT_OF_RANGE shippingAddress.postalCode"},
	},
	"an address that cannot be written": {
		func(r *orderingv1.PlaceOrderRequest) { r.ShippingAddress.City = "Lon\x00don" }, []string{"MALFORMED shippingAddress.city"},
	},
	"somebody else's order": {
		func(r *orderingv1.PlaceOrderRequest) { r.OnBehalfOf = bob.String() }, []string{"FORBIDDEN onBehalfOf"},
	},
	"everything at once": {
		func(r *orderingv1.PlaceOrderRequest) { *r = orderingv1.PlaceOrderRequest{} },
		[]string{"REQUIRED idempotencyKey", "REQUIRED lines", "REQUIRED shippingAddress", "INVALID_PAYMENT_METHOD payment.card.token"},
	},
}

func TestMistakesAreNamedAndNothingIsStored(t *testing.T) {
	s := open(t)
	spoiled := mistakes
	for _, code := range []string{"UK", "EU", "ZZ", "AN", "SU", "XK", "gb", "GBR", "826", "001", "XX", "G", "É"} {
		spoiled["country "+code] = struct {
			spoil func(*orderingv1.PlaceOrderRequest)
			want  []string
		}{
			func(r *orderingv1.PlaceOrderRequest) { r.ShippingAddress.CountryCode = code }, []string{"MALFORMED shippingAddress.countryCode"},
		}
	}
	for name, mistake := range spoiled {
		req := asking()
		mistake.spoil(req)
		answer, err := s.PlaceOrder(s.ada(), req)
		if err != nil || answer.Order != nil || answer.Replayed {
			t.Errorf("%s: got %v, %v", name, answer, err)
		}
		if diff := cmp.Diff(mistake.want, said(answer.UserErrors)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if paid := req.PaymentToken; paid != "" && strings.Contains(fmt.Sprint(answer), paid) {
			t.Errorf("%s: what is paid with is repeated in %s", name, answer)
		}
	}
	for _, table := range []string{"orders", "order_events", "deadlines", "requests", "outbox"} {
		if rows := s.rows(table); rows != 0 {
			t.Errorf("%s has %d rows", table, rows)
		}
	}
}

// said is user errors in short: code, path and details.
func said(errs []*problemv1.UserError) []string {
	var all []string
	for _, e := range errs {
		words := []string{e.Code}
		if len(e.Path) > 0 {
			words = append(words, strings.Join(e.Path, "."))
		}
		for _, detail := range []string{"sku", "available", "returnable", "idempotencyKey"} {
			if value, there := e.Details[detail]; there {
				words = append(words, detail+"="+value)
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func TestEveryCountryIsAccepted(t *testing.T) {
	s := open(t)
	for _, code := range []string{"GB", "IE", "DE", "FR", "US", "JP", "TW", "AQ", "BQ", "SS", "CW"} {
		req := asking()
		req.ShippingAddress.CountryCode = code
		s.placed(s.ada(), req)
	}
}

func TestSameKeySameInputSameOrder(t *testing.T) {
	s := open(t)
	req := asking()
	first := s.placed(s.ada(), req)
	s.server.Close() // no neighbour is asked again
	s.now = s.now.Add(29 * 24 * time.Hour)
	again, err := s.PlaceOrder(s.ada(), proto.CloneOf(req))
	if err != nil || !again.Replayed || again.Order.GetId() != first.Id {
		t.Errorf("got %v, %v", again, err)
	}
	for name, change := range map[string]func(*orderingv1.PlaceOrderRequest){
		"quantity":  func(r *orderingv1.PlaceOrderRequest) { r.Lines[0].Quantity++ },
		"SKU":       func(r *orderingv1.PlaceOrderRequest) { r.Lines[0].Sku = "JUG" },
		"token":     func(r *orderingv1.PlaceOrderRequest) { r.PaymentToken = "pm_card_flaky" },
		"address":   func(r *orderingv1.PlaceOrderRequest) { r.ShippingAddress.City = "Leeds" },
		"promotion": func(r *orderingv1.PlaceOrderRequest) { r.PromotionCodes = []string{"SPRING"} },
		"refusing":  func(r *orderingv1.PlaceOrderRequest) { r.RefuseIfOutOfStock = true },
	} {
		other := proto.CloneOf(req)
		change(other)
		answer, err := s.PlaceOrder(s.ada(), other)
		want := []string{"IDEMPOTENCY_CONFLICT idempotencyKey idempotencyKey=" + req.IdempotencyKey}
		if diff := cmp.Diff(want, said(answer.GetUserErrors())); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if s.rows("orders") != 1 {
		t.Errorf("%d orders", s.rows("orders"))
	}
}

func TestKeysAreTheCallersOwn(t *testing.T) {
	s := open(t)
	req := asking()
	if s.placed(s.ada(), req).Id == s.placed(s.bob(), proto.CloneOf(req)).Id {
		t.Error("two customers share an order")
	}
}

// One request that comes several times at once is one order; all are answered with it, and only one is fresh.
func TestSameKeyAtOnce(t *testing.T) {
	s := open(t)
	req := asking()
	const times = 8
	answers := make(chan *orderingv1.PlaceOrderResponse, times)
	for range times {
		go func() {
			answer, err := s.PlaceOrder(s.ada(), req)
			if err != nil {
				t.Error(err)
			}
			answers <- answer
		}()
	}
	ids, fresh := map[string]bool{}, 0
	for range times {
		answer := <-answers
		ids[answer.GetOrder().GetId()] = true
		if !answer.GetReplayed() {
			fresh++
		}
	}
	if len(ids) != 1 || fresh != 1 || s.rows("orders") != 1 {
		t.Errorf("%d orders answered, %d fresh, %d stored", len(ids), fresh, s.rows("orders"))
	}
}

func TestOperatorsPlaceForOthers(t *testing.T) {
	s := open(t)
	req := asking()
	req.OnBehalfOf = ada.String()
	if placed := s.placed(s.olga(), req); placed.CustomerId != ada.String() {
		t.Errorf("the order is %s's", placed.CustomerId)
	}
	s.placed(s.olga(), req)
	s.placed(s.olga(), asking())
	if audited := testkit.Audited(t, s.db); len(audited) != 1 ||
		!regexp.MustCompile(`^`+olga.String()+` order\.placed [0-9a-f-]{36}: Placed order Q-\d{8} on behalf of its customer\.$`).MatchString(audited[0]) {
		t.Errorf("audited: %v", audited)
	}
	req = asking()
	req.OnBehalfOf = "ada"
	answer, err := s.PlaceOrder(s.olga(), req)
	if diff := cmp.Diff([]string{"MALFORMED onBehalfOf"}, said(answer.GetUserErrors())); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestOperatorsPlaceForNobodyOnlyWhileCustomersIsSilent(t *testing.T) {
	s := open(t)
	req := asking()
	req.OnBehalfOf = uuid.NewString()
	answer, err := s.PlaceOrder(s.olga(), req)
	if diff := cmp.Diff([]string{"NOT_FOUND onBehalfOf"}, said(answer.GetUserErrors())); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if s.rows("orders") != 0 {
		t.Error("the order was stored")
	}
	s.announced(at)
	s.neighbours.hanging.Store(true)
	if placed := s.placed(s.olga(), req); placed.CustomerId != req.OnBehalfOf {
		t.Errorf("the order is %s's", placed.CustomerId)
	}
}

func TestCustomersThatWereHeardOfAreNotAskedFor(t *testing.T) {
	s := open(t)
	heard := uuid.New()
	s.do(func(store app.Store) error {
		return store.KeepTier(t.Context(), app.CustomerTier{Customer: order.CustomerID{UUID: heard}, Tier: quote.VIP, Sequence: 1})
	})
	req := asking()
	req.OnBehalfOf = heard.String()
	s.placed(s.olga(), req)
}

func TestServicesPlaceNothing(t *testing.T) {
	s := open(t)
	if _, err := s.PlaceOrder(s.service(), asking()); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("got %v", err)
	}
	if _, err := s.PlaceOrder(t.Context(), asking()); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("nobody: got %v", err)
	}
	if _, err := s.PlaceOrder(s.as(ada), asking()); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("without a role: got %v", err)
	}
}

func TestErasedCustomersOrderNothing(t *testing.T) {
	s := open(t)
	s.do(func(store app.Store) error { return store.Erase(t.Context(), order.CustomerID{UUID: ada}) })
	answer, err := s.PlaceOrder(s.ada(), asking())
	if diff := cmp.Diff([]string{"NOT_FOUND onBehalfOf"}, said(answer.GetUserErrors())); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestOutOfStockIsRefusedOnlyWhenAsked(t *testing.T) {
	s := open(t)
	req := asking()
	req.Lines[0].Quantity = 3
	s.placed(s.ada(), req)
	req = proto.CloneOf(req)
	req.IdempotencyKey, req.RefuseIfOutOfStock = uuid.NewString(), true
	answer, err := s.PlaceOrder(s.ada(), req)
	if diff := cmp.Diff([]string{"OUT_OF_STOCK lines.0.quantity sku=CUP available=2"}, said(answer.GetUserErrors())); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if s.rows("orders") != 1 || s.rows("requests") != 1 {
		t.Errorf("%d orders, %d requests", s.rows("orders"), s.rows("requests"))
	}
	req.Lines[0].Quantity = 2
	s.placed(s.ada(), req)
}

// Orders are accepted whatever becomes of the neighbours, as long as prices are known.
func TestOrdersAreAcceptedWithoutNeighbours(t *testing.T) {
	for name, trouble := range map[string]func(*shop){
		"killed":         func(s *shop) { s.server.Close() },
		"hanging":        func(s *shop) { s.neighbours.hanging.Store(true) },
		"saying rubbish": func(s *shop) { s.neighbours.rubbish.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.announced(at.Add(-time.Hour))
			s.do(func(store app.Store) error {
				return store.KeepTier(t.Context(), app.CustomerTier{Customer: order.CustomerID{UUID: ada}, Tier: quote.VIP, Sequence: 1})
			})
			trouble(s)
			req := asking()
			req.RefuseIfOutOfStock = true
			placed := s.placed(s.ada(), req)
			if placed.PricedFrom != cached || placed.Total.MinorUnits != 764 {
				t.Errorf("%s from %s", placed.Total, placed.PricedFrom)
			}
			req = asking()
			req.PromotionCodes = []string{"SPRING"}
			answer, err := s.PlaceOrder(s.ada(), req)
			if diff := cmp.Diff([]string{"PRICE_UNAVAILABLE lines"}, said(answer.GetUserErrors())); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			s.now = at.Add(time.Second)
			answer, err = s.PlaceOrder(s.ada(), asking())
			if diff := cmp.Diff([]string{"PRICE_UNAVAILABLE lines"}, said(answer.GetUserErrors())); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// What ordering knows it does not ask: one call to pricing for a known product, one more to the catalog for a new one.
func TestNeighboursAreAskedOnce(t *testing.T) {
	s := open(t)
	s.announced(at)
	s.placed(s.ada(), asking())
	if calls := s.neighbours.calls.Load(); calls != 1 {
		t.Errorf("%d calls for a known product", calls)
	}
	req := asking()
	req.Lines = append(req.Lines, &orderingv1.LineInput{Sku: "TEA", Quantity: 1}, &orderingv1.LineInput{Sku: "NIX", Quantity: 1})
	if _, err := s.PlaceOrder(s.ada(), req); err != nil {
		t.Fatal(err)
	}
	if calls := s.neighbours.calls.Load(); calls != 2 {
		t.Errorf("%d calls in all", calls)
	}
}
