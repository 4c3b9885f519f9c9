// Command explore plays the sagas of orders and returns through every interleaving, and prints what it has seen.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"quadrille.dev/proof/explore"
)

func main() {
	set := flag.String("set", "full", "which scenarios: bounded or full")
	only := flag.String("scenario", "", "explore one scenario only")
	walk := flag.Duration("walk", 0, "walk at random for so long afterwards")
	seed := flag.Uint64("seed", 1, "what the walks are drawn from")
	document := flag.String("document", "", "only write what was seen into the READMEs of the clone in this directory")
	flag.Parse()
	if *document != "" {
		if err := write(*document); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	holds, err := run(*set, *only, *walk, *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if !holds {
		os.Exit(1)
	}
}

// run explores until a violation is found, and tells whether there was none.
func run(set, only string, walk time.Duration, seed uint64) (bool, error) {
	scenarios, err := explore.Choose(set, only)
	if err != nil {
		return false, err
	}
	table := explore.NewTable(os.Stdout)
	for _, scenario := range scenarios {
		report, err := explore.Explore(scenario)
		if err != nil {
			return false, err
		}
		if report.Violation != nil {
			fmt.Print(report.Describe())
			return false, nil
		}
		table.Row(report)
	}
	table.Total()
	if walk == 0 {
		return true, nil
	}
	report, err := explore.Walks(walk, seed)
	if err != nil {
		return false, err
	}
	if report.Violation != nil {
		fmt.Print(report.Describe())
		return false, nil
	}
	table.Row(report)
	return true, nil
}

// write writes what was seen into the READMEs of a clone.
func write(root string) error {
	seen, err := explore.See()
	if err != nil {
		return err
	}
	returns, err := explore.SeeReturns()
	if err != nil {
		return err
	}
	documents, err := explore.Documents(root, seen, returns)
	if err != nil {
		return err
	}
	for name, text := range documents {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write what was seen: %w", err)
		}
	}
	return nil
}
