package app

import (
	"context"
	"log/slog"
	"time"

	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"
)

// Inventory can be asked what can be promised, and must answer within Patience. An error means that it did not.
type Inventory interface {
	// Available has every SKU asked for.
	Available(ctx context.Context, skus []string) (map[string]int64, error)
}

// Patience is how long inventory may take to give its advice.
const Patience = 300 * time.Millisecond

// Shortages finds lines of which there is too little. That is advice: whoever does not answer in time has none.
func Shortages(ctx context.Context, inventory Inventory, basket quote.Basket, log *slog.Logger) []problem.Problem {
	available, err := inventory.Available(ctx, basket.SKUs())
	if err != nil {
		log.WarnContext(ctx, "inventory did not say what is available", "error", err)
		return nil
	}
	var problems []problem.Problem
	for _, line := range basket.Lines {
		if there, known := available[line.SKU]; known && there < int64(line.Quantity) {
			problems = append(problems, problem.Short(line.Index, line.SKU, there))
		}
	}
	return problems
}
