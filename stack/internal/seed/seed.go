// Package seed fills an empty shop with invented products through the public API, as an operator would.
package seed

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/stack/client"
)

//go:embed products.csv
var table string

// product is one row of the table.
type product struct {
	sku, category, name, price string
	stock                      int
	description                string
}

// products reads the table.
func products() ([]product, error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the products to seed: %w", err)
	}
	list := make([]product, 0, len(rows)-1)
	for _, row := range rows[1:] {
		stock, err := strconv.Atoi(row[4])
		if err != nil {
			return nil, fmt.Errorf("read the stock of %s: %w", row[0], err)
		}
		list = append(list, product{row[0], row[1], row[2], row[3], stock, row[5]})
	}
	return list, nil
}

const (
	operator = "olga@quadrille.test"
	password = "quadrille" //nolint:gosec // the demo account's, as README says
	// reference marks the first delivery, which is booked once however often it is seeded.
	reference = "opening stock"
	// atOnce is how many products are under way at a time.
	atOnce = 8
)

// Seed lists the products, prices them, and receives stock of them. What an earlier, interrupted run has done is not done again.
func Seed(ctx context.Context, gateway string) error {
	list, err := products()
	if err != nil {
		return err
	}
	// Right after the start neighbours may not have found each other yet.
	api := &client.Client{URL: gateway + "/graphql", Patience: time.Minute}
	if err := api.SignIn(ctx, operator, password); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, p := range list {
		group.Go(func() error { return p.seed(ctx, api) })
	}
	return group.Wait()
}

func (p product) seed(ctx context.Context, api *client.Client) error {
	steps := []struct {
		mutation, input string
		values          map[string]any
		// done is the refusal that means that an earlier run did it.
		done string
	}{
		{"listProduct", "ListProductInput", map[string]any{
			"sku": p.sku, "name": p.name, "category": p.category, "description": p.description,
		}, "SKU_TAKEN"},
		{"changePrice", "ChangePriceInput", map[string]any{
			"sku": p.sku, "price": map[string]any{"amount": p.price, "currencyCode": "GBP"},
		}, ""},
		{"receiveStock", "ReceiveStockInput", map[string]any{"sku": p.sku, "quantity": p.stock, "reference": reference}, ""},
	}
	for _, step := range steps {
		document := fmt.Sprintf("mutation ($input: %s!) { result: %s(input: $input) { userErrors { code message path } } }",
			step.input, step.mutation)
		var data struct {
			Result struct{ UserErrors []client.UserError }
		}
		if err := api.Do(ctx, document, map[string]any{"input": step.values}, &data); err != nil {
			return fmt.Errorf("seed %s: %s: %w", p.sku, step.mutation, err)
		}
		for _, refusal := range data.Result.UserErrors {
			if refusal.Code != step.done {
				return fmt.Errorf("seed %s: %s: %s", p.sku, step.mutation, refusal.Message)
			}
		}
	}
	return nil
}
