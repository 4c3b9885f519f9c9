package local

import (
	"context"
	"fmt"
	"slices"

	"quadrille.dev/stack/internal/server"
	"quadrille.dev/stack/internal/supervise"
)

// Join has one more program of Bin take part, with settings beside what all programs inherit, and returns when it is ready. It is known
// by the name of its file, and ends with the stack.
func (s *Stack) Join(ctx context.Context, binary string, settings map[string]string) error {
	listen, err := s.address(binary)
	if err != nil {
		return err
	}
	trust := map[string]string{
		"SERVICE_CREDENTIAL": binary + ":" + s.wiring.secret(binary),
		"JWKS_URL":           s.wiring.urls["customers"] + "/.well-known/jwks.json",
	}
	return s.add(ctx, binary, binary, merge(s.config.Environment, trust, s.config.Settings[""], settings, listen))
}

// Double starts a second instance of a program beside the first, and returns its name when it is ready. Nobody calls it, but it takes its
// share of messages and other work.
func (s *Stack) Double(ctx context.Context, name string) (double string, err error) {
	p, known := program(name)
	if !known {
		return "", fmt.Errorf("double %s: there is no such program", name)
	}
	double = name + "-2"
	listen, err := s.address(double)
	if err != nil {
		return "", err
	}
	return double, s.add(ctx, double, name, s.environment(p, listen))
}

// address gives what joins an address of its own.
func (s *Stack) address(name string) (settings map[string]string, err error) {
	port, err := server.FreePort()
	if err != nil {
		return nil, err
	}
	listen := fmt.Sprintf("127.0.0.1:%d", port)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wiring.urls[name] = "http://" + listen
	return map[string]string{"LISTEN": listen}, nil
}

func (s *Stack) add(ctx context.Context, name, binary string, env []string) error {
	if err := s.start(name, binary, env); err != nil {
		return err
	}
	return s.await(ctx, s.unit(name))
}

// Leave kills a program that joined, for good.
func (s *Stack) Leave(name string) {
	unit := s.unit(name)
	unit.Halt()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units = slices.DeleteFunc(s.units, func(u *supervise.Unit) bool { return u == unit })
}

// Reconfigure ends a program in good order and starts it with settings over those that it has from the stack, until it is reconfigured
// again.
func (s *Stack) Reconfigure(ctx context.Context, name string, settings map[string]string) error {
	p, known := program(name)
	if !known {
		return fmt.Errorf("reconfigure %s: there is no such program", name)
	}
	unit := s.unit(name)
	unit.SetEnvironment(s.environment(p, settings))
	return s.Restart(ctx, name)
}
