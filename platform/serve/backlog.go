package serve

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/platform/postgres"
)

// backlog is what a context's database holds that is still to be published or handled.
type backlog struct {
	Unpublished int64
	// Oldest is the age of the oldest of these, in seconds.
	Oldest float64
	// Parked messages, and those behind them.
	Parked int64
	// Retrying messages, which have failed and will be tried again.
	Retrying int64
}

func readBacklog(ctx context.Context, db *postgres.DB) (backlog, error) {
	var b backlog
	err := db.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM outbox),
		       (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM outbox),
		       (SELECT count(*) FROM waiting w WHERE EXISTS (
		           SELECT FROM waiting p
		           WHERE (p.consumer, p.source, p.subject) = (w.consumer, w.source, w.subject)
		             AND p.state = 'PARKED' AND p.position <= w.position)),
		       (SELECT count(*) FROM waiting WHERE state = 'RETRYING')`).
		Scan(&b.Unpublished, &b.Oldest, &b.Parked, &b.Retrying)
	if err != nil {
		return backlog{}, fmt.Errorf("read backlog: %w", err)
	}
	return b, nil
}

// backlogMetrics asks the database at every scrape.
type backlogMetrics struct {
	db                                    *postgres.DB
	unpublished, oldest, parked, retrying *prometheus.Desc
}

func newBacklog(db *postgres.DB) *backlogMetrics {
	gauge := func(name, help string) *prometheus.Desc { return prometheus.NewDesc("quadrille_"+name, help, nil, nil) }
	return &backlogMetrics{
		db:          db,
		unpublished: gauge("outbox_backlog", "Facts that are stored and not yet confirmed by the broker."),
		oldest:      gauge("outbox_oldest_seconds", "The age of the oldest fact that is not yet confirmed by the broker."),
		parked:      gauge("inbox_parked", "Messages set aside after repeated failure, and those behind them."),
		retrying:    gauge("inbox_retrying", "Messages that failed and will be tried again."),
	}
}

// Describe names the metrics.
func (m *backlogMetrics) Describe(descriptions chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{m.unpublished, m.oldest, m.parked, m.retrying} {
		descriptions <- desc
	}
}

// Collect reads them; while the database does not answer there are none.
func (m *backlogMetrics) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	b, err := readBacklog(ctx, m.db)
	if err != nil {
		return
	}
	send := func(desc *prometheus.Desc, value float64) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	send(m.unpublished, float64(b.Unpublished))
	send(m.oldest, b.Oldest)
	send(m.parked, float64(b.Parked))
	send(m.retrying, float64(b.Retrying))
}
