package chronicle

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/services/chronicle/internal/app"
)

// census is how many sagas are under way, asked of the database at every scrape. Sagas at rest are not counted: they only become
// more, and counting them would take longer and longer.
type census struct {
	count          func(ctx context.Context, stuckSince time.Time) (app.Census, error)
	after          time.Duration
	now            func() time.Time
	stuck, byState *prometheus.Desc
}

func newCensus(
	count func(context.Context, time.Time) (app.Census, error), after time.Duration, now func() time.Time,
) *census {
	return &census{
		count: count, after: after, now: now,
		stuck: prometheus.NewDesc("quadrille_sagas_stuck",
			"Sagas that are not at rest and have heard nothing for too long, or of a step that has stalled.", nil, nil),
		byState: prometheus.NewDesc("quadrille_sagas_by_state", "Sagas that are not at rest, by how they stand.", []string{"state"}, nil),
	}
}

// Describe names the metrics.
func (c *census) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- c.stuck
	descriptions <- c.byState
}

// Collect counts; while the database does not answer there are no metrics.
func (c *census) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	count, err := c.count(ctx, c.now().Add(-c.after))
	if err != nil {
		return
	}
	send := func(desc *prometheus.Desc, value int, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	send(c.stuck, count.Stuck)
	send(c.byState, count.Running, "RUNNING")
	send(c.byState, count.Compensating, "COMPENSATING")
	send(c.byState, count.Stuck, "STUCK")
}
