package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/stack/internal/process"
	"quadrille.dev/stack/internal/provision"
	"quadrille.dev/stack/internal/seed"
	"quadrille.dev/stack/internal/server"
	"quadrille.dev/stack/internal/supervise"
)

// Config says on which servers a stack runs, and where it keeps its files. All of it is required unless said otherwise.
type Config struct {
	// Bin is where Build put the programs. Ledgers in Dir and logs in Logs go on where they ended.
	Bin, Dir, Logs string
	// PostgresURL is a superuser's; AMQPURL and ManagementURL are an administrator's.
	PostgresURL, AMQPURL, ManagementURL string
	// Private is set when nobody else uses PostgreSQL.
	Private bool
	// Prefix is put before the names of databases, roles and users, so that stacks can share servers. It may be empty.
	Prefix string
	// VHost is the virtual host in RabbitMQ.
	VHost string
	// Secret is the password that opens something, the same each time: "database/ordering".
	Secret func(what string) string
	// GatewayListen is where the gateway listens; a free port of 127.0.0.1 if empty.
	GatewayListen string
	// Settings are put into a program's environment, over what the stack puts there; those under "" into every program's. May be nil.
	Settings map[string]map[string]string
	// Environment is what programs inherit, in the form of os.Environ.
	Environment []string
	// Warn is told what people should know: warnings of the programs, deaths and restarts.
	Warn func(line string)
	// Started is told of each process that is started. It may be nil.
	Started func(program string, pid int)
	// Patience is how long programs may take to drain before they are killed; 20 seconds if zero.
	Patience time.Duration
}

// Stack is a running Quadrille.
type Stack struct {
	config Config
	wiring wiring
	logs   []*os.File

	mu    sync.Mutex
	units []*supervise.Unit // in the order of Programs, and then those that joined
}

// Start makes databases and users, starts all programs, and returns when all of them are ready. When it fails, or ctx ends before
// that, nothing is left running.
func Start(ctx context.Context, config Config) (*Stack, error) {
	if config.Patience == 0 {
		config.Patience = 20 * time.Second
	}
	s := &Stack{config: config}
	if err := s.wire(ctx); err != nil {
		return nil, err
	}
	for _, p := range Programs {
		if err := s.launch(p); err != nil {
			return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
		}
	}
	if err := s.AwaitReady(ctx); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// wire makes what the programs share, and decides where each listens.
func (s *Stack) wire(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		s.wiring.databases, err = s.postgres().Databases(ctx, contextNames(), func(name string) string {
			return s.config.Secret("database/" + name)
		})
		return err
	})
	group.Go(func() (err error) {
		s.wiring.brokers, err = s.rabbitMQ().Users(ctx, Members(), func(name string) string {
			return s.config.Secret("amqp/" + name)
		})
		return err
	})
	s.wiring.console = origin(s.config.ManagementURL)
	s.wiring.secret = func(program string) string { return s.config.Secret("service/" + program) }
	s.wiring.ledger = func(program string) string { return filepath.Join(s.config.Dir, program+".ledger") }
	s.wiring.keys = func(program string) string { return filepath.Join(s.config.Dir, program+".keys") }
	group.Go(s.assignPorts)
	return group.Wait()
}

func (s *Stack) postgres() provision.Postgres {
	return provision.Postgres{URL: s.config.PostgresURL, Prefix: s.config.Prefix, Private: s.config.Private}
}

func (s *Stack) rabbitMQ() provision.RabbitMQ {
	return provision.RabbitMQ{
		URL: s.config.AMQPURL, ManagementURL: s.config.ManagementURL, VHost: s.config.VHost, Prefix: s.config.Prefix,
	}
}

// origin is a URL's scheme, host and port, without whose it is.
func origin(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host}).String()
}

// assignPorts gives every program an address that it keeps when it is restarted, since others are told of it once.
func (s *Stack) assignPorts() error {
	ports, err := server.FreePorts(len(Programs))
	if err != nil {
		return err
	}
	s.wiring.listen, s.wiring.urls = map[string]string{}, map[string]string{}
	for i, p := range Programs {
		s.wiring.listen[p.Name] = fmt.Sprintf("127.0.0.1:%d", ports[i])
		if p.Name == "gateway" && s.config.GatewayListen != "" {
			s.wiring.listen[p.Name] = s.config.GatewayListen
		}
		s.wiring.urls[p.Name] = "http://" + s.wiring.listen[p.Name]
	}
	s.wiring.operatorConsole = s.wiring.urls["gateway"] + "/console"
	return nil
}

func (s *Stack) launch(p Program) error {
	return s.start(p.Name, filepath.Base(p.Package), s.environment(p))
}

// environment is a program's, with more settings over all others.
func (s *Stack) environment(p Program, more ...map[string]string) []string {
	layers := []map[string]string{s.wiring.environment(p), p.share(), s.config.Settings[""], s.config.Settings[p.Name]}
	return merge(s.config.Environment, append(layers, more...)...)
}

// start has one of the programs in Bin run, under a name.
func (s *Stack) start(name, binary string, env []string) error {
	log, err := os.OpenFile(s.LogFile(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("open log of %s: %w", name, err)
	}
	unit := supervise.New(process.Command{
		Name: name, Path: filepath.Join(s.config.Bin, binary), Env: env, Dir: s.config.Dir,
		Output: &logFilter{program: name, file: log, warn: s.config.Warn, now: time.Now},
	}, supervise.DefaultBackoff, observer{s.config})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, log)
	s.units = append(s.units, unit)
	unit.Start()
	return nil
}

// observer tells people of deaths and restarts.
type observer struct{ config Config }

func (o observer) Started(program string, pid int) {
	if o.config.Started != nil {
		o.config.Started(program, pid)
	}
}

func (o observer) Died(program string, cause error, restartIn time.Duration) {
	o.config.Warn(fmt.Sprintf("%s %v; restarting it in %s", program, cause, restartIn))
}

// AwaitReady returns when every program says that it is ready.
func (s *Stack) AwaitReady(ctx context.Context) error {
	s.mu.Lock()
	units := slices.Clone(s.units)
	s.mu.Unlock()
	group, ctx := errgroup.WithContext(ctx)
	for _, unit := range units {
		group.Go(func() error { return s.await(ctx, unit) })
	}
	return group.Wait()
}

// patience is how often a program may die, while it is waited for, before it is given up.
const patience = 5

func (s *Stack) await(ctx context.Context, unit *supervise.Unit) error {
	address := s.URL(unit.Name()) + "/readyz"
	return unit.Await(ctx, patience, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", address, response.Status)
		}
		return nil
	})
}

// Stop drains all programs: the gateway first, so that nothing new comes in, then the contexts, and last the provider and the carrier.
// A program that does not end in time, or before ctx does, is killed, and the error says so.
func (s *Stack) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failures []error
	for _, wave := range s.waves() {
		draining, cancel := context.WithTimeout(ctx, s.config.Patience)
		group := errgroup.Group{}
		for _, unit := range wave {
			group.Go(func() error { return unit.Stop(draining) })
		}
		failures = append(failures, group.Wait())
		cancel()
	}
	for _, log := range s.logs {
		failures = append(failures, log.Close())
	}
	return errors.Join(failures...)
}

// waves are the programs in the order in which they end; what joined ends with the contexts.
func (s *Stack) waves() [3][]*supervise.Unit {
	var waves [3][]*supervise.Unit
	for _, unit := range s.units {
		switch p, known := program(unit.Name()); {
		case p.Context || !known:
			waves[1] = append(waves[1], unit)
		case p.Ledger:
			waves[2] = append(waves[2], unit)
		default:
			waves[0] = append(waves[0], unit)
		}
	}
	return waves
}

// Forget removes what Start made on the servers that config names.
func Forget(ctx context.Context, config Config) error {
	s := &Stack{config: config}
	var failures []error
	if config.PostgresURL != "" {
		failures = append(failures, s.postgres().Drop(ctx, contextNames()))
	}
	if config.AMQPURL != "" {
		failures = append(failures, s.rabbitMQ().Drop(ctx, Members()))
	}
	return errors.Join(failures...)
}

// Seed fills the shop with invented products, as `make up` does.
func (s *Stack) Seed(ctx context.Context) error { return seed.Seed(ctx, s.URL("gateway")) }

// URL is where a program answers.
func (s *Stack) URL(program string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wiring.urls[program]
}

// ContextURLs is where each context answers, by name.
func (s *Stack) ContextURLs() map[string]string {
	urls := map[string]string{}
	for _, name := range contextNames() {
		urls[name] = s.URL(name)
	}
	return urls
}

// Credential is what a program sends on calls without a user: name and secret.
func (s *Stack) Credential(program string) string { return program + ":" + s.wiring.secret(program) }

// DatabaseURL is a context's, with its own role.
func (s *Stack) DatabaseURL(name string) string { return s.wiring.databases[name] }

// AMQPURL is a program's, with its own user.
func (s *Stack) AMQPURL(program string) string { return s.wiring.brokers[program].AMQPURL }

// LogFile is the path of a program's log.
func (s *Stack) LogFile(program string) string { return filepath.Join(s.config.Logs, program+".log") }

// PID is the number of the process that runs a program now; 0 while none does.
func (s *Stack) PID(program string) int { return s.unit(program).PID() }

// Kill kills a program with SIGKILL, and returns when it has ended. It is started again, with backoff.
func (s *Stack) Kill(program string) error { return s.unit(program).Kill() }

// Halt kills a program, which stays down until Restart.
func (s *Stack) Halt(program string) { s.unit(program).Halt() }

// Pause freezes a program until Resume: it neither answers nor ends its connections.
func (s *Stack) Pause(program string) error { return s.unit(program).Signal(syscall.SIGSTOP) }

// Resume lets a paused program go on.
func (s *Stack) Resume(program string) error { return s.unit(program).Signal(syscall.SIGCONT) }

// Restart ends a program in good order, if it runs, starts it and waits until it is ready.
func (s *Stack) Restart(ctx context.Context, program string) error {
	unit := s.unit(program)
	draining, cancel := context.WithTimeout(ctx, s.config.Patience)
	defer cancel()
	if err := unit.Stop(draining); err != nil {
		return err
	}
	unit.Start()
	return s.await(ctx, unit)
}

// AwaitProgram returns when one program says that it is ready.
func (s *Stack) AwaitProgram(ctx context.Context, program string) error {
	return s.await(ctx, s.unit(program))
}

// unit panics for a program that there is not: the names are constants of the caller.
func (s *Stack) unit(name string) *supervise.Unit {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.units, func(u *supervise.Unit) bool { return u.Name() == name })
	if i < 0 {
		panic("no program " + name)
	}
	return s.units[i]
}

func program(name string) (p Program, known bool) {
	i := slices.IndexFunc(Programs, func(p Program) bool { return p.Name == name })
	if i < 0 {
		return Program{}, false
	}
	return Programs[i], true
}
