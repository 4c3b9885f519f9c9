package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"quadrille.dev/stack/client"
	"quadrille.dev/stack/internal/parked"
)

const parkedUsage = `usage: quadrille parked <command> [flags] [ids]

  list                          what is parked, and the groups that it makes
  show <id>                     all of one message, personal data masked
  retry <ids>                   try messages again; with -payload FILE one with another payload, "***" in it stays as it was
  retry -type T -error E …      try whole groups again
  discard -reason WHY <ids>     give messages up, so that those behind them go on

flags:
`

// seeTo is the command for parked messages, with what its flags say.
type seeTo struct {
	flags                *flag.FlagSet
	url, email, password string
	filter               parked.Filter
	first                int
	dryRun               bool
	payload, reason      string
}

func newSeeTo() *seeTo {
	s := &seeTo{flags: flag.NewFlagSet("quadrille parked", flag.ContinueOnError)}
	f := s.flags
	f.StringVar(&s.url, "url", "", "the gateway's `URL`; that of this clone's stack if left out")
	f.StringVar(&s.email, "email", "olga@quadrille.test", "an operator's `address`")
	f.StringVar(&s.password, "password", "", "the operator's password; that in QUADRILLE_PASSWORD, or the demo account's, if left out")
	f.StringVar(&s.filter.Context, "context", "", "list, retry: only what this `context` has parked")
	f.StringVar(&s.filter.Type, "type", "", "list, retry: only messages of this `type`, such as ordering.order.placed")
	f.StringVar(&s.filter.Error, "error", "", "list, retry: only messages whose error begins with this `text`")
	f.IntVar(&s.first, "first", 100, "list: at most so many messages")
	f.BoolVar(&s.dryRun, "dry-run", false, "retry: tell what would be retried, and change nothing")
	f.StringVar(&s.payload, "payload", "", "retry: the `file` with the payload to retry one message with, - for the standard input")
	f.StringVar(&s.reason, "reason", "", "discard: `why`, for the audit log")
	f.Usage = func() {
		fmt.Fprint(f.Output(), parkedUsage)
		f.PrintDefaults()
	}
	return s
}

// seeToParked runs one command for parked messages.
func seeToParked(ctx context.Context, args []string) error {
	s := newSeeTo()
	commands := map[string]func(context.Context, parked.API) error{
		"list": s.list, "show": s.show, "retry": s.retry, "discard": s.discard,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		s.flags.Usage()
		return exitError(2)
	}
	if err := s.flags.Parse(args[1:]); err != nil {
		return exitError(2)
	}
	api, err := s.signIn(ctx)
	if err != nil {
		return err
	}
	return commands[args[0]](ctx, api)
}

func (s *seeTo) signIn(ctx context.Context) (parked.API, error) {
	if s.url == "" {
		h, err := findHome()
		if err != nil {
			return parked.API{}, err
		}
		if s.url, err = running(h); err != nil {
			return parked.API{}, err
		}
	}
	api := parked.API{Client: &client.Client{URL: s.url + "/graphql"}}
	return api, api.SignIn(ctx, s.email, cmp.Or(s.password, os.Getenv("QUADRILLE_PASSWORD"), "quadrille"))
}

func (s *seeTo) list(ctx context.Context, api parked.API) error {
	list, err := api.List(ctx, s.filter, s.first)
	if err != nil && list.TotalCount == 0 {
		return err
	}
	list.Write(os.Stdout)
	return err
}

func (s *seeTo) show(ctx context.Context, api parked.API) error {
	if s.flags.NArg() != 1 {
		return errors.New("parked show: name one message by its id")
	}
	list, err := api.List(ctx, parked.Filter{IDs: s.flags.Args()}, 1)
	if err != nil {
		return err
	}
	if len(list.Messages) == 0 {
		return errors.New("parked show: no such message is parked")
	}
	list.Messages[0].Write(os.Stdout)
	return nil
}

func (s *seeTo) retry(ctx context.Context, api parked.API) error {
	retries, err := s.retries(ctx, api)
	if err != nil {
		return err
	}
	total, failures := 0, 0
	for _, retry := range retries {
		retried, failed, err := api.Retry(ctx, retry)
		if err != nil {
			return err
		}
		total, failures = total+retried, failures+len(failed)
		for _, failure := range failed {
			fmt.Printf("%s: %s\n", failure.ID, failure.Error)
		}
	}
	said := "Retried"
	if s.dryRun {
		said = "Would retry"
	}
	fmt.Printf("%s %d messages.\n", said, total)
	if failures > 0 {
		return exitError(1)
	}
	return nil
}

// retries are the messages that are named, or the groups that the flags let pass.
func (s *seeTo) retries(ctx context.Context, api parked.API) ([]parked.Retry, error) {
	if s.flags.NArg() > 0 {
		retry := parked.Retry{IDs: s.flags.Args(), DryRun: s.dryRun}
		var err error
		if s.payload != "" {
			retry.Payload, err = readPayload(s.payload)
		}
		return []parked.Retry{retry}, err
	}
	if s.filter.Context == "" && s.filter.Type == "" && s.filter.Error == "" {
		return nil, errors.New("parked retry: name messages by their ids, or groups with -context, -type and -error")
	}
	if s.payload != "" {
		return nil, errors.New("parked retry: a payload can be edited of one message at a time")
	}
	list, err := api.List(ctx, s.filter, 1)
	if err != nil {
		return nil, err
	}
	retries := make([]parked.Retry, len(list.Groups))
	for i := range list.Groups {
		retries[i] = parked.Retry{Group: &list.Groups[i], DryRun: s.dryRun}
	}
	return retries, nil
}

func readPayload(file string) (*string, error) {
	read := func() ([]byte, error) { return os.ReadFile(file) }
	if file == "-" {
		read = func() ([]byte, error) { return io.ReadAll(os.Stdin) }
	}
	payload, err := read()
	if err != nil {
		return nil, fmt.Errorf("read payload: %w", err)
	}
	return new(string(payload)), nil
}

func (s *seeTo) discard(ctx context.Context, api parked.API) error {
	if s.flags.NArg() == 0 {
		return errors.New("parked discard: name messages by their ids")
	}
	discarded, err := api.Discard(ctx, s.flags.Args(), s.reason)
	if err != nil {
		return err
	}
	fmt.Printf("Discarded %d messages.\n", discarded)
	return nil
}
