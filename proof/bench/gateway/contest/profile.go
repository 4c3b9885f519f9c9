package contest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

// Profiles are those that a gateway serves which was built with -tags pprof.
type Profiles struct {
	address string
}

// Profiles has the gateway serve profiles, once it is started.
func (g *Gateway) Profiles(ctx context.Context) (*Profiles, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	g.Environment = append(g.Environment, "PPROF_LISTEN="+address)
	return &Profiles{address}, nil
}

// During keeps in files with a name what the gateway does while it is measured: NAME.cpu.pprof and NAME.allocs.pprof.
func (p *Profiles) During(ctx context.Context, name string, lasting time.Duration, measure func() ([]*Figures, error)) ([]*Figures, error) {
	var figures []*Figures
	group, profiling := errgroup.WithContext(ctx)
	seconds := max(1, int(lasting.Seconds()))
	group.Go(func() error { return p.keep(profiling, fmt.Sprintf("profile?seconds=%d", seconds), name+".cpu.pprof") })
	group.Go(func() error {
		return p.keep(profiling, fmt.Sprintf("allocs?seconds=%d", seconds), name+".allocs.pprof")
	})
	group.Go(func() (err error) {
		figures, err = measure()
		return err
	})
	err := group.Wait()
	return figures, err
}

func (p *Profiles) keep(ctx context.Context, profile, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/debug/pprof/"+profile, nil)
	if err != nil {
		return fmt.Errorf("ask for profile: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask for profile: %w", err)
	}
	defer response.Body.Close()
	taken, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("take profile: status %d: %w", response.StatusCode, err)
	}
	if err := os.WriteFile(file, taken, 0o644); err != nil {
		return fmt.Errorf("keep profile: %w", err)
	}
	return nil
}
