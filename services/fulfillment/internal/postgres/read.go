package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Reader looks at shipments, outside of any transaction.
type Reader struct{ Pool *pgxpool.Pool }

// Opened answers the shipments of those of the orders that were heard of.
func (r Reader) Opened(ctx context.Context, orders []shipment.OrderID) ([]shipment.Shipment, error) {
	ids := make([]uuid.UUID, len(orders))
	for i, order := range orders {
		ids[i] = order.UUID
	}
	rows, err := r.Pool.Query(ctx, `SELECT `+columns+` FROM shipments WHERE order_id = ANY($1) AND opened ORDER BY order_id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read shipments: %w", err)
	}
	shipments, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read shipments: %w", err)
	}
	return shipments, nil
}
