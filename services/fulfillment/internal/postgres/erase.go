package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Forget remembers that a customer is erased, and answers their orders.
func (s *Store) Forget(ctx context.Context, customer shipment.CustomerID) (orders []shipment.OrderID, err error) {
	err = erasure.Forget(ctx, s.tx, customer.UUID, func(ctx context.Context) ([]string, error) {
		if orders, err = s.ordersOf(ctx, customer); err != nil {
			return nil, err
		}
		subjects := make([]string, len(orders))
		for i, order := range orders {
			subjects[i] = order.String()
		}
		return subjects, nil
	})
	return orders, err
}

// Forgotten tells whether a customer is erased.
func (s *Store) Forgotten(ctx context.Context, customer shipment.CustomerID) (bool, error) {
	return s.asked.Forgotten(ctx, s.tx, customer.UUID)
}

func (s *Store) ordersOf(ctx context.Context, customer shipment.CustomerID) ([]shipment.OrderID, error) {
	rows, err := s.tx.Query(ctx, `SELECT order_id FROM shipments WHERE customer_id = $1 AND opened ORDER BY order_id`, customer.UUID)
	if err != nil {
		return nil, fmt.Errorf("find shipments: %w", err)
	}
	orders, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (order shipment.OrderID, err error) {
		return order, row.Scan(&order.UUID)
	})
	if err != nil {
		return nil, fmt.Errorf("find shipments: %w", err)
	}
	return orders, nil
}
