-- +goose Up
ALTER TABLE shipments ADD COLUMN call_order_number text NOT NULL DEFAULT '';
ALTER TABLE pickups ADD COLUMN call_order_number text NOT NULL DEFAULT '';
COMMENT ON COLUMN shipments.call_order_number IS 'Part of the origin of the call, as causation and traceparent are: what people call the order.';

-- +goose Down
ALTER TABLE shipments DROP COLUMN call_order_number;
ALTER TABLE pickups DROP COLUMN call_order_number;
