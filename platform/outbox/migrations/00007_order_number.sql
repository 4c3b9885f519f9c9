-- +goose Up
ALTER TABLE outbox ADD COLUMN order_number text NOT NULL DEFAULT '';
COMMENT ON COLUMN outbox.order_number IS 'Of the order that the fact is about, for a header of its message; empty if it is about none.';
