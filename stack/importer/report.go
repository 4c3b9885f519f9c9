package importer

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"quadrille.dev/platform/money"
)

// Report says what became of every row of a file.
type Report struct {
	File      string         `json:"file"`
	Lines     int            `json:"rows"`
	Taken     int            `json:"rowsTaken"`
	Returns   int            `json:"rowsOfReturns"`
	Rejected  map[Reason]int `json:"rowsRejected"`
	Refused   int            `json:"rowsOfRefusedOrders"`
	Products  int            `json:"products"`
	Customers int            `json:"customers"`
	Orders    int            `json:"orders"`
	Replayed  int            `json:"ordersPlacedBefore"`
	Fulfilled int            `json:"fulfilled"`
	Cancelled int            `json:"cancelled"`
	Rules     Rules          `json:"rules"`
	Returned  Returned       `json:"returns"`
	// SagasPerSecond counts the sagas of this run, from the first placement until the last came to rest; zero if all were
	// placed before.
	SagasPerSecond float64 `json:"sagasPerSecond"`
	// P50 and P99 are milliseconds from placement to fulfilment.
	P50 float64 `json:"placeToFulfilledP50Ms"`
	P99 float64 `json:"placeToFulfilledP99Ms"`
}

// Returned says what became of the rows of credit notes.
type Returned struct {
	Requested     int `json:"requested"`
	Replayed      int `json:"requestedBefore"`
	Completed     int `json:"completed"`
	Compensated   int `json:"compensated"`
	NeedsOperator int `json:"needAnOperator"`
	// Rows counts those that have a part in a return that was requested.
	Rows int `json:"rowsTaken"`
	// Refunded is what customers got back, in pounds.
	Refunded string `json:"refundedGBP"`
	// Unmatched counts the rows that come to nothing, and Invoices the credit notes all of whose rows do.
	Unmatched map[Reason]int `json:"rowsUnmatched"`
	Invoices  int            `json:"creditNotesUnmatched"`
}

// Rules counts where a choice was made.
type Rules struct {
	Folded   int `json:"rowsWithSkuPutInCapitals"`
	Merged   int `json:"rowsMergedIntoALineOfTheSameSku"`
	Repriced int `json:"rowsSoldAtAnotherPriceThanTheMostFrequent"`
	Renamed  int `json:"productsWithSeveralDescriptions"`
}

// add accounts for a run.
func (r *Report) add(outcomes []Outcome, failures []Failure, took time.Duration) {
	var latencies []time.Duration
	fresh := 0
	for _, outcome := range outcomes {
		r.Orders++
		r.Taken += outcome.Rows
		if outcome.Replayed {
			r.Replayed++
		} else {
			fresh++
		}
		if outcome.Status == "FULFILLED" {
			r.Fulfilled++
			latencies = append(latencies, outcome.Took)
		} else {
			r.Cancelled++
		}
	}
	for _, failure := range failures {
		r.Refused += failure.Rows
	}
	slices.Sort(latencies)
	r.P50, r.P99 = percentile(latencies, 50), percentile(latencies, 99)
	if fresh > 0 {
		r.SagasPerSecond = float64(fresh) / took.Seconds()
	}
}

// addReturns accounts for the credit notes of a run.
func (r *Report) addReturns(taken []TakenBack, undone ...[]Back) {
	back, refunded := &r.Returned, money.Money{Currency: "GBP"}
	back.Unmatched = map[Reason]int{}
	rows, invoices, matched := map[int]bool{}, map[string]bool{}, map[string]bool{}
	for _, one := range taken {
		back.Requested++
		switch one.State {
		case "COMPLETED":
			back.Completed++
			refunded.Minor += one.Refund.Minor
		case "COMPENSATED":
			back.Compensated++
		default:
			back.NeedsOperator++
		}
		if one.Replayed {
			back.Replayed++
		}
		for _, row := range one.Rows {
			rows[row.Line], matched[row.Invoice] = true, true
		}
	}
	for _, row := range slices.Concat(undone...) {
		if !rows[row.Line] {
			rows[row.Line] = true
			back.Unmatched[row.Reason]++
			invoices[row.Invoice] = invoices[row.Invoice] || !matched[row.Invoice]
		}
	}
	back.Rows, back.Refunded = r.Returns, refunded.Decimal()
	for _, count := range back.Unmatched {
		back.Rows -= count
	}
	for _, none := range invoices {
		if none {
			back.Invoices++
		}
	}
}

// percentile is in milliseconds, by the nearest rank.
func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := (p*len(sorted) + 99) / 100
	return float64(sorted[rank-1].Microseconds()) / 1000
}

// Write prints the report for people.
func (r *Report) Write(w io.Writer) {
	reasons := make([]Reason, 0, len(r.Rejected))
	rejected := 0
	for reason, count := range r.Rejected {
		reasons = append(reasons, reason)
		rejected += count
	}
	slices.Sort(reasons)
	fmt.Fprintf(w, "\n%s: %d rows\n", r.File, r.Lines)
	fmt.Fprintf(w, "  taken      %6d in %d orders: %d fulfilled, %d cancelled; %d had been placed before\n",
		r.Taken, r.Orders, r.Fulfilled, r.Cancelled, r.Replayed)
	r.writeReturns(w)
	fmt.Fprintf(w, "  refused    %6d in orders that the gateway did not accept\n", r.Refused)
	fmt.Fprintf(w, "  rejected   %6d\n", rejected)
	for _, reason := range reasons {
		fmt.Fprintf(w, "    %-22s %6d\n", reason, r.Rejected[reason])
	}
	fmt.Fprintf(w, "  %d + %d + %d + %d = %d\n", r.Taken, r.Returns, r.Refused, rejected, r.Taken+r.Returns+r.Refused+rejected)
	fmt.Fprintf(w, "Rules\n")
	fmt.Fprintf(w, "  SKUs compare in capitals: %d rows changed\n", r.Rules.Folded)
	fmt.Fprintf(w, "  a product has its most frequent price, of two the earlier: %d rows were sold at another\n", r.Rules.Repriced)
	fmt.Fprintf(w, "  a product has its most frequent description: %d had several\n", r.Rules.Renamed)
	fmt.Fprintf(w, "  one line for each SKU of an invoice: %d rows merged\n", r.Rules.Merged)
	fmt.Fprintf(w, "  a row of a credit note goes back, as a whole, to what the same customer bought of the SKU up to then, the latest purchase first\n")
	fmt.Fprintf(w, "  guests are one customer for each invoice; there are %d customers, and one placeholder address for each country\n", r.Customers)
	if r.SagasPerSecond > 0 {
		fmt.Fprintf(w, "Speed\n  %.1f sagas/s; placed to fulfilled p50 %.0f ms, p99 %.0f ms\n", r.SagasPerSecond, r.P50, r.P99)
	}
}

func (r *Report) writeReturns(w io.Writer) {
	back := r.Returned
	fmt.Fprintf(w, "  returns    %6d, of which %d in %d returns: %d completed, %d compensated, %d need an operator; %d had been requested before; %s GBP given back\n",
		r.Returns, back.Rows, back.Requested, back.Completed, back.Compensated, back.NeedsOperator, back.Replayed, back.Refunded)
	fmt.Fprintf(w, "    %d credit notes match no order of the week\n", back.Invoices)
	for _, reason := range slices.Sorted(maps.Keys(back.Unmatched)) {
		fmt.Fprintf(w, "    %-22s %6d\n", reason, back.Unmatched[reason])
	}
}

// Save writes report.json, rejected.csv, refused.csv and unreturned.csv into dir.
func (r *Report) Save(dir string, rejects []Reject, failures []Failure, unreturned []Back) error {
	encoded, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("save report: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "report.json"), append(encoded, '\n'), 0o644); err != nil {
		return fmt.Errorf("save report: %w", err)
	}
	rejected := [][]string{{"line", "reason", "detail", "row"}}
	for _, reject := range rejects {
		rejected = append(rejected, []string{strconv.Itoa(reject.Line), string(reject.Reason), reject.Detail, strings.Join(reject.Fields, "|")})
	}
	refused := [][]string{{"invoice", "rows", "reason"}}
	for _, failure := range failures {
		refused = append(refused, []string{failure.Invoice, strconv.Itoa(failure.Rows), failure.Reason})
	}
	if err := saveCSV(filepath.Join(dir, "rejected.csv"), rejected); err != nil {
		return err
	}
	if err := saveCSV(filepath.Join(dir, "refused.csv"), refused); err != nil {
		return err
	}
	kept := [][]string{{"line", "reason", "detail", "row"}}
	for _, back := range unreturned {
		kept = append(kept, []string{strconv.Itoa(back.Line), string(back.Reason), back.Detail, strings.Join(back.Fields, "|")})
	}
	return saveCSV(filepath.Join(dir, "unreturned.csv"), kept)
}

func saveCSV(path string, rows [][]string) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("save report: %w", err)
	}
	defer file.Close()
	if err := csv.NewWriter(file).WriteAll(rows); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return nil
}
