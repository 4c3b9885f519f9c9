// Package contest runs gateways beside each other over the same shop, and measures what each needs for the same answers.
package contest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"quadrille.dev/proof/bench/gateway/load"
	"quadrille.dev/proof/bench/gateway/shop"
)

// Gateway is a program that takes part.
type Gateway struct {
	Name string
	// Version is that of somebody else's.
	Version string
	// Peer is whether it is somebody else's.
	Peer bool
	// Floor is whether it answers what another has answered, as it is.
	Floor       bool
	Command     []string
	Directory   string
	Environment []string
	// Address is where it serves, under a path.
	Address, Path string
	// Upstream is whom it asks; nil if nobody.
	Upstream *shop.Server
	// Open is whether it is asked at a steady rate too.
	Open bool

	process *process
	// answers are what it answers, byte for byte, by operation.
	answers map[string][]byte
}

// path is where an operation is asked for.
func (g *Gateway) path(o Operation) string {
	if g.Floor {
		return "/" + o.Name
	}
	return g.Path
}

// agreed is how to ask for an operation, once the gateway has answered it as it should.
func (g *Gateway) agreed(ctx context.Context, o Operation, token func() string) (load.Target, error) {
	err := g.compare(ctx, o, token)
	return g.target(o, token), err
}

func (g *Gateway) target(o Operation, token func() string) load.Target {
	return load.Target{Address: g.Address, Path: g.path(o), Body: o.Body, Token: token, Want: g.answers[o.Name]}
}

// readyWithin is how long a gateway may take from its start to its first answer.
const readyWithin = 2 * time.Minute

// Start starts a gateway on a core, and returns when it has answered each operation as it should.
func (g *Gateway) Start(ctx context.Context, core int, directory string, operations []Operation, token func() string) error {
	home := filepath.Join(directory, g.file())
	if err := os.MkdirAll(home, 0o755); err != nil {
		return fmt.Errorf("start %s: %w", g.Name, err)
	}
	var err error
	if g.process, err = launch(g, core, filepath.Join(home, "log")); err != nil {
		return err
	}
	g.answers = map[string][]byte{}
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("no answer within %s", readyWithin))
	defer cancel()
	for _, o := range operations {
		for {
			wrong := g.compare(ctx, o, token)
			if wrong == nil {
				break
			}
			if err := g.process.failed(); err != nil {
				return fmt.Errorf("%s: %w", g.Name, err)
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s: %w: %w", g.Name, context.Cause(ctx), wrong)
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	return nil
}

// file is the gateway's name as that of a file.
func (g *Gateway) file() string {
	name := []byte(g.Name)
	for i, c := range name {
		if c == ' ' || c == '/' || c == ',' || c == '\'' {
			name[i] = '-'
		}
	}
	return string(name)
}

// compare has the gateway answer once, and keeps the answer if it is right.
func (g *Gateway) compare(ctx context.Context, o Operation, token func() string) error {
	connection, err := load.Dial(ctx, g.target(o, token))
	if err != nil {
		return err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, connection.Close)()
	status, body, err := connection.Ask()
	if err != nil {
		return err
	}
	if err := o.check(body); err != nil {
		return fmt.Errorf("status %d: %w", status, err)
	}
	g.answers[o.Name] = append([]byte(nil), body...)
	return nil
}

// Stop ends the gateway, if it was started.
func (g *Gateway) Stop() {
	if g.process != nil {
		g.process.stop()
	}
}

// Answer is what it has answered to an operation.
func (g *Gateway) Answer(o Operation) []byte { return g.answers[o.Name] }
