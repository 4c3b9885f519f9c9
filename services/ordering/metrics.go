package ordering

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// stalled is how many returns need an operator, asked of the database at every scrape.
type stalled struct {
	count func(ctx context.Context) (int64, error)
	gauge *prometheus.Desc
}

func newStalled(count func(context.Context) (int64, error)) *stalled {
	return &stalled{count: count, gauge: prometheus.NewDesc("quadrille_returns_needing_operator",
		"Returns of which something cannot be undone, until an operator retries or resolves it.", nil, nil)}
}

// Describe names the metric.
func (s *stalled) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- s.gauge }

// Collect counts; while the database does not answer there is no metric.
func (s *stalled) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if count, err := s.count(ctx); err == nil {
		metrics <- prometheus.MustNewConstMetric(s.gauge, prometheus.GaugeValue, float64(count))
	}
}
