package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/stack/internal/home"
	"quadrille.dev/stack/internal/seed"
	"quadrille.dev/stack/internal/server"
	"quadrille.dev/stack/local"
)

// startLimit bounds everything up to ready, so that a start that hangs says so.
const startLimit = 10 * time.Minute

// up runs the stack of the present clone until ctx ends.
func up(ctx context.Context) (err error) {
	h, unlock, err := openHome()
	if err != nil {
		return err
	}
	defer unlock()
	u := &upper{home: h, began: time.Now()}
	if err := u.prepare(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, u.stop()) }()
	starting, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := u.start(starting); err != nil {
		if ctx.Err() != nil {
			return nil // people changed their mind
		}
		return err
	}
	u.announce()
	<-ctx.Done()
	return nil
}

// openHome finds the stack of the present clone and makes this process the one that runs it.
func openHome() (*home.Home, func(), error) {
	h, err := findHome()
	if err != nil {
		return nil, nil, err
	}
	unlock, err := h.Lock()
	if errors.Is(err, home.ErrTaken) {
		return nil, nil, describeRunning(h)
	}
	return h, unlock, err
}

func findHome() (*home.Home, error) {
	root, err := home.Root()
	if err != nil {
		return nil, err
	}
	as, err := server.PostgresUser()
	if err != nil {
		return nil, err
	}
	return home.At(root, as)
}

func describeRunning(h *home.Home) error {
	running, err := h.Running()
	switch {
	case err != nil:
		return err
	case running == nil:
		return home.ErrTaken
	case running.Gateway == "":
		return fmt.Errorf("%w: process %d is starting or stopping it", home.ErrTaken, running.Supervisor.PID)
	}
	return fmt.Errorf("%w as process %d: see %s, or stop it with `make down`", home.ErrTaken, running.Supervisor.PID, running.Gateway)
}

// upper is one run of the stack.
type upper struct {
	home     *home.Home
	began    time.Time
	register *home.Register
	secrets  *home.Secrets
	servers  *servers
	stack    *local.Stack
}

// prepare ends what an earlier run left behind and makes the directories.
func (u *upper) prepare() error {
	ended, err := u.home.StopLeftover(leftoverPatience)
	if err != nil {
		return err
	}
	if len(ended) > 0 {
		u.say("stopped what an earlier run left behind: %v", ended)
	}
	if err := u.home.Make(); err != nil {
		return err
	}
	if u.home.Elsewhere() {
		u.say("the servers' data lies in %s, because PostgreSQL's user may not enter %s", u.home.Data, u.home.Root)
	}
	if u.secrets, err = u.home.Secrets(); err != nil {
		return err
	}
	if u.register, err = u.home.Register(); err != nil {
		return err
	}
	u.servers = &servers{home: u.home, secrets: u.secrets, say: u.say, started: u.started}
	return nil
}

func (u *upper) start(ctx context.Context) error {
	u.say("building the programs, which takes a minute or two the first time, and starting PostgreSQL and RabbitMQ")
	group, starting := errgroup.WithContext(ctx)
	group.Go(func() error { return u.servers.start(starting) })
	group.Go(func() error { return u.build(starting) })
	if err := group.Wait(); err != nil {
		return err
	}
	config, err := u.config()
	if err != nil {
		return err
	}
	u.say("starting the provider, the carrier, eight contexts and the gateway")
	u.stack, err = local.Start(ctx, config)
	// The secrets were made as they were asked for.
	if err := errors.Join(err, u.home.Keep(u.secrets)); err != nil {
		return err
	}
	servers := home.Servers{
		Postgres: u.servers.postgresURL, Prefix: config.Prefix, Management: origin(u.servers.managementURL),
	}
	if err := u.register.SetURLs(u.stack.URL("gateway"), u.stack.ContextURLs(), servers); err != nil {
		return err
	}
	return u.seed(ctx)
}

func (u *upper) build(ctx context.Context) error {
	if err := local.Build(ctx, u.home.Root, u.home.Bin()); err != nil {
		return err
	}
	u.say("programs are built")
	return nil
}

// say tells people how far it is.
func (u *upper) say(format string, args ...any) {
	fmt.Printf("%6.1fs  %s\n", time.Since(u.began).Seconds(), fmt.Sprintf(format, args...))
}

// started notes a process for the case that it is left behind.
func (u *upper) started(program string, pid int) {
	if err := u.register.Add(program, pid); err != nil {
		u.say("%s: %v", program, err)
	}
}

func (u *upper) seed(ctx context.Context) error {
	origin := u.servers.origin()
	if u.home.Seeded(origin) {
		return nil
	}
	u.say("seeding products, prices and stock")
	if err := seed.Seed(ctx, u.stack.URL("gateway")); err != nil {
		return err
	}
	return u.home.MarkSeeded(origin)
}

// stop ends everything in order. Another Ctrl-C kills what has not ended yet.
func (u *upper) stop() error {
	fmt.Println()
	u.say("stopping; another Ctrl-C kills what does not want to end")
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	var failures []error
	if u.stack != nil {
		failures = append(failures, u.stack.Stop(ctx))
	}
	failures = append(failures, u.servers.stop(ctx), u.register.Close())
	u.say("stopped")
	return errors.Join(failures...)
}
