package contest

import (
	"context"
	"fmt"
	"math"
	"time"

	"quadrille.dev/proof/bench/gateway/load"
)

// Figures are what a gateway was seen to need for an operation.
type Figures struct {
	Gateway   *Gateway
	Operation Operation
	// Closed is how clients fared who ask anew as soon as they are answered.
	Closed load.Result
	// CPU is what the gateway has used meanwhile.
	CPU time.Duration
	// Upstream is how many requests the gateway has made meanwhile, and Alone how many for each that it is asked while nobody else asks.
	Upstream int64
	Alone    float64
	// Others is the time that the other core was busy meanwhile, with those who ask and those whom the gateway asks.
	Others time.Duration
	// Open is how clients fared who ask at a rate that is the same for all gateways.
	Open load.Result
}

// PerThousand is the gateway's CPU for a thousand requests.
func (f *Figures) PerThousand() time.Duration {
	if len(f.Closed.Took) == 0 {
		return 0
	}
	return f.CPU * 1000 / time.Duration(len(f.Closed.Took))
}

// Load is how busy the other core was: near 1, it was those who ask that could not do more, and not the gateway.
func (f *Figures) Load() float64 { return f.Others.Seconds() / f.Closed.Elapsed.Seconds() }

// Fanout is how many requests the gateway makes for each that it is asked while many ask.
func (f *Figures) Fanout() float64 { return float64(f.Upstream) / float64(len(f.Closed.Took)) }

// Contest is who takes part in what.
type Contest struct {
	Gateways   []*Gateway
	Operations []Operation
	// Rounds are taken by turns, each gateway Each long while clients ask anew as soon as they are answered, and Steady long at a steady rate.
	Rounds       int
	Each, Steady time.Duration
	// Clients is how many ask at once.
	Clients int
	// Log says what is being done.
	Log func(format string, a ...any)
}

// Run measures every gateway at every operation. Tokens answers how requests are authorised to an operation; all of them with the same
// token are alike.
func (c *Contest) Run(ctx context.Context, token func(Operation) func() string) ([]*Figures, error) {
	var all []*Figures
	for _, o := range c.Operations {
		for _, g := range c.Gateways {
			all = append(all, &Figures{Gateway: g, Operation: o})
		}
	}
	for _, f := range all {
		if err := c.alone(ctx, f, token(f.Operation)); err != nil {
			return nil, fmt.Errorf("%s, %s: %w", f.Gateway.Name, f.Operation.Name, err)
		}
	}
	for round := range c.Rounds {
		for _, f := range all {
			c.Log("round %d of %d: %s, %s", round+1, c.Rounds, f.Operation.Name, f.Gateway.Name)
			if err := c.closed(ctx, f, token(f.Operation)); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", f.Gateway.Name, f.Operation.Name, err)
			}
		}
	}
	return all, nil
}

// Warm has each gateway answer for a while of which nothing is counted.
func (c *Contest) Warm(ctx context.Context, token func(Operation) func() string) error {
	for _, o := range c.Operations {
		for _, g := range c.Gateways {
			c.Log("warming up: %s, %s", o.Name, g.Name)
			target, err := g.agreed(ctx, o, token(o))
			if err == nil {
				_, err = load.Closed(ctx, target, c.Clients, c.Each)
			}
			if err != nil {
				return fmt.Errorf("%s, %s: %w", g.Name, o.Name, err)
			}
		}
	}
	return nil
}

// alone asks one request after another, so that none can be answered by what another has read.
func (c *Contest) alone(ctx context.Context, f *Figures, token func() string) error {
	if f.Gateway.Upstream == nil {
		return nil
	}
	const times = 5
	f.Gateway.Upstream.Counted()
	for range times {
		if _, err := f.Gateway.agreed(ctx, f.Operation, token); err != nil {
			return err
		}
	}
	authorized, anonymous := f.Gateway.Upstream.Counted()
	f.Alone = float64(authorized+anonymous) / times
	return nil
}

func (c *Contest) closed(ctx context.Context, f *Figures, token func() string) error {
	g := f.Gateway
	target, err := g.agreed(ctx, f.Operation, token)
	if err != nil {
		return err
	}
	before, err := g.process.cpu()
	if err != nil {
		return err
	}
	others := ownTime()
	if g.Upstream != nil {
		g.Upstream.Counted()
	}
	result, err := load.Closed(ctx, target, c.Clients, c.Each)
	if err != nil {
		return err
	}
	after, err := g.process.cpu()
	if err != nil {
		return err
	}
	f.Closed.Add(result)
	f.CPU += after - before
	f.Others += ownTime() - others
	if g.Upstream == nil {
		return nil
	}
	authorized, anonymous := g.Upstream.Counted()
	f.Upstream += authorized + anonymous
	if token != nil && g.Peer && anonymous > 0 {
		return fmt.Errorf("%d of %d requests to subgraphs were without the caller's Authorization", anonymous, authorized+anonymous)
	}
	return nil
}

// mostConnections is how many requests can be under way in the open loop.
const mostConnections = 256

// SameLoad measures how long answers take when all gateways are asked at the same rate, a share of what the slowest sustains, which it
// answers by operation.
func (c *Contest) SameLoad(ctx context.Context, all []*Figures, share float64, token func(Operation) func() string) (map[string]float64, error) {
	rates := map[string]float64{}
	for _, f := range all {
		if f.Gateway.Open {
			rate, known := rates[f.Operation.Name]
			if !known {
				rate = math.Inf(1)
			}
			rates[f.Operation.Name] = min(rate, share*f.Closed.PerSecond())
		}
	}
	for round := range c.Rounds {
		for _, f := range all {
			if !f.Gateway.Open {
				continue
			}
			rate := rates[f.Operation.Name]
			c.Log("round %d of %d at %.0f requests/s: %s, %s", round+1, c.Rounds, rate, f.Operation.Name, f.Gateway.Name)
			if err := c.open(ctx, f, rate, token(f.Operation)); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", f.Gateway.Name, f.Operation.Name, err)
			}
		}
	}
	return rates, nil
}

func (c *Contest) open(ctx context.Context, f *Figures, rate float64, token func() string) error {
	target, err := f.Gateway.agreed(ctx, f.Operation, token)
	if err != nil {
		return err
	}
	result, err := load.Open(ctx, target, rate, mostConnections, c.Steady)
	f.Open.Add(result)
	return err
}
