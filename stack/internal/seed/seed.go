// Package seed fills an empty shop with invented products through the public API, as an operator would.
package seed

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
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
	password = "quadrille"
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
	err := mutate(ctx, api, "listProduct", "ListProductInput", map[string]any{
		"sku": p.sku, "name": p.name, "category": p.category, "description": p.description,
	}, "SKU_TAKEN")
	if err != nil {
		return fmt.Errorf("list %s: %w", p.sku, err)
	}
	priced, err := p.priced(ctx, api)
	if err != nil {
		return err
	}
	if !priced {
		err = mutate(ctx, api, "changePrice", "ChangePriceInput", map[string]any{
			"sku": p.sku, "price": map[string]any{"amount": p.price, "currencyCode": "GBP"},
		}, "")
		if err != nil {
			return fmt.Errorf("price %s: %w", p.sku, err)
		}
	}
	err = mutate(ctx, api, "receiveStock", "ReceiveStockInput", map[string]any{
		"sku": p.sku, "quantity": p.stock, "reference": reference,
	}, "")
	if err != nil {
		return fmt.Errorf("receive %s: %w", p.sku, err)
	}
	return nil
}

// priced tells whether the product has a price, which may be another one by now.
func (p product) priced(ctx context.Context, api *client.Client) (bool, error) {
	var data struct {
		Product *struct{ Price *struct{ Amount string } }
	}
	err := api.Do(ctx, `query ($sku: String!) { product(by: {sku: $sku}) { price { amount } } }`, map[string]any{"sku": p.sku}, &data)
	if err != nil {
		return false, fmt.Errorf("look up %s: %w", p.sku, err)
	}
	return data.Product != nil && data.Product.Price != nil, nil
}

// mutate makes one mutation. The refusal done means that an earlier run made it.
func mutate(ctx context.Context, api *client.Client, mutation, inputType string, input map[string]any, done string) error {
	document := fmt.Sprintf("mutation ($input: %s!) { result: %s(input: $input) { userErrors { code message path } } }", inputType, mutation)
	var data struct {
		Result struct{ UserErrors []client.UserError }
	}
	if err := api.Do(ctx, document, map[string]any{"input": input}, &data); err != nil {
		return err
	}
	for _, refusal := range data.Result.UserErrors {
		if refusal.Code != done {
			return errors.New(refusal.Message)
		}
	}
	return nil
}
