package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"quadrille.dev/stack/client"
)

// Config says what to import, where, and as whom.
type Config struct {
	// File is the CSV file's path.
	File string
	// URL is the gateway's GraphQL endpoint; Email and Password are an operator's.
	URL, Email, Password string
	// Out is the directory that the report goes to.
	Out string
	// Progress is told how far a phase has come.
	Progress func(phase string, done, of int)
}

// atOnce is how many requests are under way at a time: enough to keep two cores busy, few enough that no call times out.
const atOnce = 12

// Run imports a file, saves the report and answers it.
func Run(ctx context.Context, config Config) (*Report, error) {
	content, err := os.Open(config.File)
	if err != nil {
		return nil, fmt.Errorf("open input: %w", err)
	}
	defer content.Close()
	file, err := Read(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.File, err)
	}
	plan := Make(file)
	report := newReport(config.File, file, plan)
	trader := &Trader{
		API:       &client.Client{URL: config.URL, Patience: 2 * time.Minute},
		Reference: reference(plan),
		Secret:    config.Password,
		AtOnce:    atOnce,
		Progress:  config.Progress,
	}
	if err := trader.API.SignIn(ctx, config.Email, config.Password); err != nil {
		return nil, err
	}
	failures, undone, err := trader.trade(ctx, plan, report)
	if err != nil {
		return nil, err
	}
	return report, report.Save(config.Out, file.Rejects, failures, append(plan.Unmatched, undone...))
}

func newReport(path string, file File, plan Plan) *Report {
	report := &Report{
		File: filepath.Base(path), Lines: file.Lines(), Returns: len(file.Returns), Rejected: map[Reason]int{},
		Products: len(plan.Products), Customers: len(plan.Customers),
		Rules: Rules{file.Folded, plan.Merged, plan.Repriced, plan.Renamed},
	}
	for _, reject := range file.Rejects {
		report.Rejected[reject.Reason]++
	}
	return report
}

// reference names the delivery that a plan needs, so that another plan gets goods of its own and the same plan does not.
func reference(plan Plan) string {
	hash := sha256.New()
	for _, product := range plan.Products {
		fmt.Fprintf(hash, "%s %d\n", product.SKU, product.Quantity)
	}
	return "online-retail-" + hex.EncodeToString(hash.Sum(nil)[:8])
}

// trade answers the orders that were refused, and the rows of planned returns that came to nothing.
func (t *Trader) trade(ctx context.Context, plan Plan, report *Report) ([]Failure, []Back, error) {
	if err := t.Stock(ctx, plan.Products); err != nil {
		return nil, nil, err
	}
	customers, err := t.Register(ctx, plan.Customers)
	if err != nil {
		return nil, nil, err
	}
	start := time.Now()
	var placed []Placed
	var mu sync.Mutex
	failures, err := t.Place(ctx, plan.Orders, customers, func(order Placed) {
		mu.Lock()
		defer mu.Unlock()
		placed = append(placed, order)
	})
	if err != nil {
		return nil, nil, err
	}
	outcomes, err := t.Await(ctx, placed)
	if err != nil {
		return nil, nil, err
	}
	report.add(outcomes, failures, time.Since(start))
	taken, undone, err := t.TakeBack(ctx, plan.Returns, outcomes)
	if err != nil {
		return nil, nil, err
	}
	report.addReturns(taken, plan.Unmatched, undone)
	return failures, undone, nil
}
