-- +goose Up
ALTER TABLE outbox ADD COLUMN traceparent text;
COMMENT ON COLUMN outbox.traceparent IS 'The trace that the fact was written in, if spans of it are kept: then publishing gets one.';
