package chronicle

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
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
	send(c.byState, count.NeedsOperator, "NEEDS_OPERATOR")
}

// lengths measures how long sagas took from their first fact to the one that brought them to rest, as they were recorded.
func lengths() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "quadrille_saga_seconds",
		Help:    "How long sagas took to come to rest.",
		Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900},
	}, []string{"state"})
}

func measure(lengths *prometheus.HistogramVec, s saga.Saga, fact saga.Fact) {
	if s.EndedBy(fact) {
		lengths.WithLabelValues(string(s.State())).Observe(s.LastFactAt.Sub(s.StartedAt).Seconds())
	}
}
