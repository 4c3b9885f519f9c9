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

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/catalog/internal/acl"
	"quadrille.dev/services/catalog/internal/postgres"
	"quadrille.dev/services/catalog/internal/rpc"
	"quadrille.dev/services/catalog/migrations"
)

var olga = serve.Caller{ID: uuid.MustParse("01940000-0000-7000-8000-0000000000cc"), Roles: []string{serve.Operator}, Email: "olga@quadrille.test"}

// shop is a catalog with its operator.
type shop struct {
	*testing.T
	*rpc.Catalog
	ctx context.Context
}

func open(t *testing.T) shop {
	t.Helper()
	db, err := platform.Open(t.Context(), testkit.Postgres(t), "catalog")
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
	if err := db.Migrate(t.Context(), "catalog", migrations.FS); err != nil {
		t.Fatal(err)
	}
	return shop{t, &rpc.Catalog{
		Database: &postgres.Database{DB: db, Publish: acl.Published},
		Now:      func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
		NewID:    func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}, serve.WithCaller(t.Context(), olga)}
}

func (s shop) list(sku, name, description, category string) *catalogv1.Product {
	s.Helper()
	response, err := s.ListProduct(s.ctx, &catalogv1.ListProductRequest{
		Sku: sku, Name: name, Description: description, Category: category,
	})
	if err != nil || len(response.UserErrors) > 0 {
		s.Fatalf("list %s: %v, %v", sku, response.GetUserErrors(), err)
	}
	return response.Product
}

// published takes the facts out of the outbox, but for what it says of operators: "product.listed 1 {…}".
func (s shop) published() []string {
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
		return fmt.Sprintf("%s %d %s", strings.TrimPrefix(e.Name(), "catalog."), e.Sequence, e.Data),
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

func TestLifeOfAProduct(t *testing.T) {
	t.Parallel()
	s := open(t)
	p := s.list("teapot", "Teapot", "Holds six cups.", "Kitchen")
	if p.Sku != "TEAPOT" || p.Name != "Teapot" || p.ImageUrl != nil || p.Retired {
		t.Errorf("listed %v", p)
	}
	for _, request := range []*catalogv1.UpdateProductRequest{
		{Id: p.Id, Name: new("Big teapot"), ImageUrl: new("/images/teapot.webp")},
		{Id: p.Id, Name: new("Big teapot "), Description: new("Holds six cups.")},
		{Id: p.Id, ImageUrl: new("")},
	} {
		if response, err := s.UpdateProduct(s.ctx, request); err != nil || len(response.UserErrors) > 0 {
			t.Fatalf("update: %v, %v", response, err)
		}
	}
	for range 2 {
		response, err := s.RetireProduct(s.ctx, &catalogv1.RetireProductRequest{Id: p.Id})
		if err != nil || !response.GetProduct().GetRetired() || response.Product.Name != "Big teapot" {
			t.Fatalf("retire: %v, %v", response, err)
		}
	}
	id := fmt.Sprintf(`"productId":"%s","sku":"TEAPOT"`, p.Id)
	want := []string{
		`product.listed 1 {` + id + `,"name":"Teapot","description":"Holds six cups.","category":"Kitchen"}`,
		`product.updated 2 {` + id + `,"changes":[{"field":"name","old":"Teapot","new":"Big teapot"},` +
			`{"field":"imageUrl","old":null,"new":"/images/teapot.webp"}]}`,
		`product.updated 3 {` + id + `,"changes":[{"field":"imageUrl","old":"/images/teapot.webp","new":null}]}`,
		`product.retired 4 {` + id + `}`,
	}
	if diff := cmp.Diff(want, s.published()); diff != "" {
		t.Error("published (-want +got):\n" + diff)
	}
	audited := []string{
		"olga@quadrille.test product.listed TEAPOT: Listed product TEAPOT.",
		"olga@quadrille.test product.updated TEAPOT: Updated product TEAPOT.",
		"olga@quadrille.test product.updated TEAPOT: Updated product TEAPOT.",
		"olga@quadrille.test product.retired TEAPOT: Retired product TEAPOT.",
	}
	if diff := cmp.Diff(audited, testkit.Audited(t, s.Database)); diff != "" {
		t.Error("audited (-want +got):\n" + diff)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := open(t)
	p := s.list("TEAPOT", "Teapot", "", "Kitchen")
	s.published()
	for _, c := range []struct {
		request *catalogv1.ListProductRequest
		want    string
	}{
		{&catalogv1.ListProductRequest{}, "REQUIRED sku, REQUIRED name, REQUIRED category"},
		{&catalogv1.ListProductRequest{Sku: "a b", Name: "A", Category: "C"}, "MALFORMED sku"},
		{&catalogv1.ListProductRequest{Sku: "A", Name: strings.Repeat("n", 201), Category: "C"}, "OUT_OF_RANGE name"},
		{&catalogv1.ListProductRequest{Sku: "A", Name: "A", Category: "C", ImageUrl: new("data:,")}, "MALFORMED imageUrl"},
		{&catalogv1.ListProductRequest{Sku: "teapot", Name: "A", Category: "C"}, "SKU_TAKEN sku"},
	} {
		response, err := s.ListProduct(s.ctx, c.request)
		if err != nil || problems(response.UserErrors) != c.want || response.Product != nil {
			t.Errorf("list %v: %v, %v; want %s", c.request, response, err, c.want)
		}
	}
	for _, c := range []struct {
		request *catalogv1.UpdateProductRequest
		want    string
	}{
		{&catalogv1.UpdateProductRequest{Id: "nonsense"}, "NOT_FOUND id"},
		{&catalogv1.UpdateProductRequest{Id: uuid.NewString()}, "NOT_FOUND id"},
		{&catalogv1.UpdateProductRequest{Id: p.Id, Name: new(" "), Category: new("")}, "REQUIRED name, REQUIRED category"},
	} {
		response, err := s.UpdateProduct(s.ctx, c.request)
		if err != nil || problems(response.UserErrors) != c.want || response.Product != nil {
			t.Errorf("update %v: %v, %v; want %s", c.request, response, err, c.want)
		}
	}
	for _, id := range []string{"", uuid.NewString()} {
		response, err := s.RetireProduct(s.ctx, &catalogv1.RetireProductRequest{Id: id})
		if err != nil || problems(response.UserErrors) != "NOT_FOUND id" {
			t.Errorf("retire %q: %v, %v", id, response, err)
		}
	}
	if facts := s.published(); len(facts) > 0 {
		t.Errorf("refused, and published %v", facts)
	}
	if audited := testkit.Audited(t, s.Database); len(audited) != 1 {
		t.Errorf("refused, and audited: %v", audited)
	}
}

func TestOnlyOperatorsChangeTheCatalog(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, caller := range []serve.Caller{{}, {ID: uuid.New(), Roles: []string{serve.Customer}}, {Service: "gateway"}} {
		ctx := serve.WithCaller(t.Context(), caller)
		_, list := s.ListProduct(ctx, &catalogv1.ListProductRequest{Sku: "A", Name: "A", Category: "C"})
		_, update := s.UpdateProduct(ctx, &catalogv1.UpdateProductRequest{Id: uuid.NewString()})
		_, retire := s.RetireProduct(ctx, &catalogv1.RetireProductRequest{Id: uuid.NewString()})
		for _, err := range []error{list, update, retire} {
			if connect.CodeOf(err) != connect.CodePermissionDenied {
				t.Errorf("%+v: %v", caller, err)
			}
		}
	}
}

func TestOneSKUListedAtOnceIsOneProduct(t *testing.T) {
	t.Parallel()
	s := open(t)
	taken := make(chan string, 20)
	var group errgroup.Group
	for range cap(taken) {
		group.Go(func() error {
			response, err := s.ListProduct(s.ctx, &catalogv1.ListProductRequest{Sku: "TEAPOT", Name: "Teapot", Category: "Kitchen"})
			taken <- problems(response.GetUserErrors())
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	close(taken)
	listed := 0
	for refused := range taken {
		if refused == "" {
			listed++
		} else if refused != "SKU_TAKEN sku" {
			t.Error(refused)
		}
	}
	if facts := s.published(); listed != 1 || len(facts) != 1 {
		t.Errorf("%d products, %d facts; want one", listed, len(facts))
	}
}

func TestGetProductsInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	a, b, c := s.list("A", "Cup", "", "Kitchen"), s.list("B", "Jug", "", "Kitchen"), s.list("C", "Tea", "", "Food")
	if _, err := s.RetireProduct(s.ctx, &catalogv1.RetireProductRequest{Id: c.Id}); err != nil {
		t.Fatal(err)
	}
	response, err := s.GetProducts(t.Context(), &catalogv1.GetProductsRequest{
		Ids: []string{c.Id, "nonsense", uuid.NewString(), a.Id}, Skus: []string{"b", "NONE", "a\x00", "A"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range response.Products {
		got = append(got, fmt.Sprint(p.Id, p.Retired))
	}
	want := []string{fmt.Sprint(c.Id, true), fmt.Sprint(a.Id, false), fmt.Sprint(b.Id, false), fmt.Sprint(a.Id, false)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("products (-want +got):\n" + diff)
	}
	_, err = s.GetProducts(t.Context(), &catalogv1.GetProductsRequest{Ids: make([]string, 500), Skus: make([]string, 501)})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("1,001 products: %v", err)
	}
}

func (s shop) search(search, category string, first int32, after string) *catalogv1.SearchProductsResponse {
	s.Helper()
	response, err := s.SearchProducts(s.Context(), &catalogv1.SearchProductsRequest{
		Page: &pagev1.PageRequest{First: first, After: after}, Search: search, Category: category,
	})
	if err != nil {
		s.Fatal(err)
	}
	return response
}

func skus(response *catalogv1.SearchProductsResponse) string {
	var all []string
	for _, edge := range response.Edges {
		all = append(all, edge.Product.Sku)
	}
	return strings.Join(all, " ")
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.list("T-2", "teapot, blue", "Holds 100% of six cups.", "Kitchen")
	s.list("T-1", "Teapot, blue", "Holds six cups.", "Kitchen")
	s.list("CUP", "Äpfel & cup", "a_b", "Kitchen")
	s.list("TEA", "Assam", "Black tea.", "Food")
	old := s.list("OLD", "Teapot, cracked", "", "Kitchen")
	if _, err := s.RetireProduct(s.ctx, &catalogv1.RetireProductRequest{Id: old.Id}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ search, category, want string }{
		{"", "", "TEA T-1 T-2 CUP"},
		{"TEA", "", "TEA T-1 T-2"},
		{"tea", "Kitchen", "T-1 T-2"},
		{"  cups\tBLUE ", "", "T-1 T-2"},
		{"t-1", "", "T-1"},
		{"äPFEL", "", "CUP"},
		{"100%", "", "T-2"},
		{"a_b", "", "CUP"},
		{"s_x", "", ""},
		{`\`, "", ""},
		{"tea nothing", "", ""},
		{"assam tea", "", "TEA"},
		{"", "kitchen", ""},
		{"cracked", "", ""},
	} {
		response := s.search(c.search, c.category, 100, "")
		if skus(response) != c.want || int(response.PageInfo.TotalCount) != len(response.Edges) || response.PageInfo.HasNextPage {
			t.Errorf("search %q in %q: %s, %v; want %s", c.search, c.category, skus(response), response.PageInfo, c.want)
		}
	}
}

func TestPagesStayValidWhileProductsComeAndGo(t *testing.T) {
	t.Parallel()
	s := open(t)
	products := map[string]*catalogv1.Product{}
	for _, sku := range []string{"E", "A", "C", "B", "D"} {
		products[sku] = s.list(sku, "Same name", "", "Kitchen")
	}
	first := s.search("", "", 2, "")
	if skus(first) != "A B" || !first.PageInfo.HasNextPage || first.PageInfo.TotalCount != 5 {
		t.Errorf("first page: %s, %v", skus(first), first.PageInfo)
	}
	if _, err := s.RetireProduct(s.ctx, &catalogv1.RetireProductRequest{Id: products["B"].Id}); err != nil {
		t.Fatal(err)
	}
	s.list("A1", "Same name", "", "Kitchen")
	second := s.search("", "", 2, first.Edges[1].Cursor)
	if skus(second) != "C D" || !second.PageInfo.HasNextPage || second.PageInfo.TotalCount != 5 {
		t.Errorf("second page: %s, %v", skus(second), second.PageInfo)
	}
	last := s.search("", "", 2, second.Edges[1].Cursor)
	if skus(last) != "E" || last.PageInfo.HasNextPage {
		t.Errorf("last page: %s, %v", skus(last), last.PageInfo)
	}
	if beyond := s.search("", "", 2, last.Edges[0].Cursor); len(beyond.Edges) != 0 || beyond.PageInfo.TotalCount != 5 {
		t.Errorf("beyond: %v", beyond)
	}
}

func TestCategoriesAreThoseOfProductsOnSaleByName(t *testing.T) {
	s := open(t)
	if response, err := s.ListCategories(t.Context(), &catalogv1.ListCategoriesRequest{}); err != nil || len(response.Categories) != 0 {
		t.Errorf("of an empty catalog %v, %v", response, err)
	}
	s.list("A", "A", "", "toys")
	s.list("B", "B", "", "Books")
	s.list("C", "C", "", "toys")
	gone := s.list("D", "D", "", "Garden")
	if _, err := s.RetireProduct(s.ctx, &catalogv1.RetireProductRequest{Id: gone.Id}); err != nil {
		t.Fatal(err)
	}
	response, err := s.ListCategories(t.Context(), &catalogv1.ListCategoriesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, category := range response.Categories {
		got = append(got, fmt.Sprint(category.Name, " ", category.Products))
	}
	if diff := cmp.Diff([]string{"Books 1", "toys 2"}, got); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, request := range map[string]*catalogv1.SearchProductsRequest{
		"no page":        {},
		"nothing":        {Page: &pagev1.PageRequest{First: 0}},
		"too many":       {Page: &pagev1.PageRequest{First: 101}},
		"a bad cursor":   {Page: &pagev1.PageRequest{First: 1, After: "nonsense"}},
		"a made-up one":  {Page: &pagev1.PageRequest{First: 1, After: "e30"}},
		"a long search":  {Page: &pagev1.PageRequest{First: 1}, Search: strings.Repeat("a", 201)},
		"no text at all": {Page: &pagev1.PageRequest{First: 1}, Search: "\x00"},
	} {
		if _, err := s.SearchProducts(t.Context(), request); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}
