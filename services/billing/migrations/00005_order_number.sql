-- +goose Up
ALTER TABLE accounts ADD COLUMN call_order_number text NOT NULL DEFAULT '';
ALTER TABLE refunds ADD COLUMN order_number text NOT NULL DEFAULT '';
COMMENT ON COLUMN accounts.call_order_number IS 'Part of the origin of the call, as causation and traceparent are: what people call the order.';

-- +goose Down
ALTER TABLE accounts DROP COLUMN call_order_number;
ALTER TABLE refunds DROP COLUMN order_number;
