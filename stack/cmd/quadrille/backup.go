package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"quadrille.dev/stack/local"
)

// backUp writes the databases of the running stack into a directory.
func backUp(ctx context.Context, args []string) error {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: quadrille backup <dir>")
		return exitError(2)
	}
	h, err := findHome()
	if err != nil {
		return err
	}
	running, err := h.Running()
	if err != nil {
		return err
	}
	if running == nil || running.Servers.Postgres == "" {
		return errors.New("nothing runs here: start it with `make up` in another terminal")
	}
	taken, err := local.Backup(ctx, local.Config{PostgresURL: running.Servers.Postgres, Prefix: running.Servers.Prefix}, args[0])
	if err != nil {
		return err
	}
	fmt.Printf("The databases of all contexts, as they were from %s on, are in %s\n", taken.Format(time.RFC3339), args[0])
	return nil
}

// restore stops the stack and brings databases back from a directory.
func restore(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("quadrille restore", flag.ContinueOnError)
	contexts := flags.String("contexts", "", "whose databases are brought back, with commas; all if left out")
	margin := flags.Duration("margin", 24*time.Hour, "how `long` before the backup a fact may have been published that was handled after it")
	if err := flags.Parse(args); err != nil {
		return exitError(2)
	}
	if flags.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: quadrille restore [flags] <dir>")
		flags.PrintDefaults()
		return exitError(2)
	}
	h, err := findHome()
	if err != nil {
		return err
	}
	unlock, err := stopAndLock(ctx, h)
	if err != nil {
		return err
	}
	defer unlock()
	u := &upper{home: h, began: time.Now()}
	if err := u.prepare(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, u.stop()) }()
	if err := u.servers.start(ctx); err != nil {
		return err
	}
	config, err := u.config()
	if err != nil {
		return err
	}
	u.say("restoring from %s", flags.Arg(0))
	restored, err := local.Restore(ctx, config, flags.Arg(0), *margin, names(*contexts)...)
	if err := errors.Join(err, u.home.Keep(u.secrets)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(restored.Heard)) {
		u.say("%s is as it was %s; %d facts that it told since and %d that it may have heard wait for it",
			name, restored.TakenAt.Format(time.RFC3339), restored.Told[name], restored.Heard[name])
	}
	u.say("done: `make up` starts the stack, which then catches up")
	return nil
}

func names(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
