package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"quadrille.dev/stack/importer"
	"quadrille.dev/stack/internal/home"
)

// trade imports the file that args name.
func trade(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("quadrille import", flag.ContinueOnError)
	gateway := flags.String("url", "", "the gateway's `URL`; that of this clone's stack if left out")
	email := flags.String("email", "olga@quadrille.test", "an operator's `address`")
	password := flags.String("password", cmp.Or(os.Getenv("QUADRILLE_PASSWORD"), "quadrille"), "the operator's password; better in QUADRILLE_PASSWORD")
	out := flags.String("out", "", "the `directory` for the report; .stack/import if left out")
	if err := flags.Parse(args); err != nil {
		return exitError(2)
	}
	if flags.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: quadrille import [flags] <file.csv>, or make import FILE=<file.csv>")
		return exitError(2)
	}
	h, err := findHome()
	if err != nil {
		return err
	}
	if *gateway == "" {
		if *gateway, err = running(h); err != nil {
			return err
		}
	}
	dir := cmp.Or(*out, filepath.Join(h.Root, ".stack", "import"))
	report, err := importer.Run(ctx, importer.Config{
		File: flags.Arg(0), URL: *gateway + "/graphql", Email: *email, Password: *password,
		Out:      dir,
		Progress: importer.NewProgress(os.Stdout, onTerminal(os.Stdout)),
	})
	if err != nil {
		return err
	}
	report.Write(os.Stdout)
	fmt.Printf("Report, rejected rows, refused orders and unmatched returns are in %s\n", dir)
	return nil
}

func onTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// running is where the stack of this clone answers.
func running(h *home.Home) (string, error) {
	running, err := h.Running()
	if err != nil {
		return "", err
	}
	if running == nil || running.Gateway == "" {
		return "", fmt.Errorf("nothing runs here: start it with `make up` in another terminal")
	}
	return running.Gateway, nil
}
