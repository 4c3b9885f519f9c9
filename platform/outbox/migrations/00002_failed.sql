-- +goose Up
CREATE INDEX outbox_failed ON outbox (source, subject, sequence) WHERE attempts > 0;
COMMENT ON INDEX outbox_failed IS 'The few rows for which an aggregate may rest, so that reading does not look for them among all.';
