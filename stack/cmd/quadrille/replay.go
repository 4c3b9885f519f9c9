package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"quadrille.dev/stack/client"
	"quadrille.dev/stack/internal/home"
	"quadrille.dev/stack/operate"
)

// replay builds a context's read side again.
func replay(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("quadrille replay", flag.ContinueOnError)
	name := flags.String("context", "", "the `context` whose read side is built")
	from := flags.String("from", "", "the `day` or moment from which on facts happened: 2026-01-01, 2026-01-01T12:00:00Z")
	to := flags.String("to", "", "the `day` or moment before which they happened; now if left out")
	source := flags.String("source", "stream", "stream, which has seven days, or `table`, where chronicle keeps facts without personal data")
	dry := flags.Bool("dry-run", false, "do everything, and take it back")
	email := flags.String("email", "olga@quadrille.test", "an operator's `address`")
	password := flags.String("password", cmp.Or(os.Getenv("QUADRILLE_PASSWORD"), "quadrille"), "the operator's password; better in QUADRILLE_PASSWORD")
	if err := flags.Parse(args); err != nil {
		return exitError(2)
	}
	asked := operate.Replay{Source: strings.ToUpper(*source), DryRun: *dry}
	if err := errors.Join(readMoment(*from, &asked.From), readMoment(*to, &asked.To)); err != nil {
		return err
	}
	if *name == "" || asked.From.IsZero() {
		fmt.Fprintln(os.Stderr, "usage: quadrille replay --context <name> --from <day or moment> [flags]")
		flags.PrintDefaults()
		return exitError(2)
	}
	h, err := findHome()
	if err != nil {
		return err
	}
	if asked.URL, asked.Token, err = signIn(ctx, h, *name, *email, *password); err != nil {
		return err
	}
	report, err := asked.Run(ctx)
	if err != nil {
		return err
	}
	if report.GetNothingToBuild() {
		fmt.Printf("%s keeps nothing of others' facts: there is nothing to build again\n", *name)
		return nil
	}
	done := "written"
	if *dry {
		done = "written and taken back"
	}
	fmt.Printf("%s: %d facts replayed, %d of which it cannot read; %d rows %s. Nothing was published, and nobody called.\nBuilt from %s.\n",
		*name, report.GetFacts(), report.GetUnreadable(), report.GetRows(), done, strings.Join(report.GetTypes(), ", "))
	return nil
}

// signIn answers where a context of this clone's stack answers, and the token of a person.
func signIn(ctx context.Context, h *home.Home, name, email, password string) (url, token string, err error) {
	gateway, err := running(h)
	if err != nil {
		return "", "", err
	}
	stack, err := h.Running()
	if err != nil {
		return "", "", err
	}
	if url = stack.Contexts[name]; url == "" {
		return "", "", fmt.Errorf("no context %q runs here", name)
	}
	c := &client.Client{URL: gateway + "/graphql", Patience: time.Minute}
	if err := c.SignIn(ctx, email, password); err != nil {
		return "", "", err
	}
	token, err = c.Token(ctx)
	return url, token, err
}

// readMoment reads a day, which begins at midnight UTC, or a moment; nothing is no moment.
func readMoment(text string, into *time.Time) (err error) {
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if *into, err = time.Parse(layout, text); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%q is neither a day, 2026-01-31, nor a moment, 2026-01-31T12:00:00Z", text)
}
