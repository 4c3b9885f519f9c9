package postgres

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/catalog/internal/product"
)

// Search says which products on sale to read.
type Search struct {
	// Words must all be part of name, SKU or description, in any case.
	Words []string
	// Category is exact; empty for all.
	Category string
	// First is the size of the page, After the cursor that it starts after; empty for the start.
	First int
	After string
}

// Page is products on sale by name, then SKU.
type Page struct {
	Products []product.Product
	More     bool
	// Total counts all that were searched for, on whatever page.
	Total int32
}

// ErrCursor refuses a cursor that Cursor did not make.
var ErrCursor = errors.New("not a cursor of this list")

// place is where a product stands in the list.
type place struct{ Name, SKU string }

// Cursor is where a product stands in the list, whether or not it is still there.
func Cursor(p product.Product) string {
	encoded, err := json.Marshal(place{sortName(p), p.SKU})
	if err != nil {
		panic(fmt.Sprintf("encode cursor: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

func readCursor(cursor string) (place, error) {
	if cursor == "" {
		return place{}, nil
	}
	encoded, err := base64.RawURLEncoding.DecodeString(cursor)
	var after place
	if err != nil || json.Unmarshal(encoded, &after) != nil || after.SKU == "" || strings.ContainsRune(after.Name+after.SKU, 0) {
		return place{}, ErrCursor
	}
	return after, nil
}

// Category is a category and how many products of it are on sale.
type Category struct {
	Name     string
	Products int32
}

// Categories reads the categories of products on sale, by name without regard to case.
func (d *Database) Categories(ctx context.Context) ([]Category, error) {
	rows, err := d.Query(ctx, `
		SELECT category, count(*) FROM product WHERE NOT retired GROUP BY category ORDER BY lower(category) COLLATE "C", category COLLATE "C"`)
	if err != nil {
		return nil, fmt.Errorf("read categories: %w", err)
	}
	categories, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Category])
	if err != nil {
		return nil, fmt.Errorf("read categories: %w", err)
	}
	return categories, nil
}

// Search reads a page of products on sale; ErrCursor refuses the cursor.
func (d *Database) Search(ctx context.Context, search Search) (page Page, err error) {
	after, err := readCursor(search.After)
	if err != nil {
		return Page{}, err
	}
	patterns := make([]string, len(search.Words))
	for i, word := range search.Words {
		patterns[i] = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(word)) + "%"
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT `+columns+` FROM product
		WHERE NOT retired AND searched LIKE ALL ($1) AND ($2 = '' OR category = $2) AND (sort_name, sku) > ($3, $4)
		ORDER BY sort_name, sku LIMIT $5`, patterns, search.Category, after.Name, after.SKU, search.First+1,
	).Query(func(rows pgx.Rows) (err error) {
		page.Products, err = pgx.CollectRows(rows, scan)
		return err
	})
	batch.Queue(`SELECT count(*) FROM product WHERE NOT retired AND searched LIKE ALL ($1) AND ($2 = '' OR category = $2)`,
		patterns, search.Category,
	).QueryRow(func(row pgx.Row) error { return row.Scan(&page.Total) })
	if err := d.SendBatch(ctx, batch).Close(); err != nil {
		return Page{}, fmt.Errorf("search products: %w", err)
	}
	if page.More = len(page.Products) > search.First; page.More {
		page.Products = page.Products[:search.First]
	}
	return page, nil
}
