-- +goose Up
ALTER TABLE shipments
    ADD COLUMN stated       boolean NOT NULL DEFAULT false,
    ADD COLUMN call_tries   integer NOT NULL DEFAULT 0,
    ADD COLUMN call_stalled boolean NOT NULL DEFAULT false;
UPDATE shipments SET call_tries = call_attempts WHERE call_attempts > 0;
COMMENT ON COLUMN shipments.stated IS 'An operator has said how a call ended.';
COMMENT ON COLUMN shipments.call_tries IS 'How often the call was made since an operator has retried it last.';
COMMENT ON COLUMN shipments.call_stalled IS 'So many tries were in vain that fulfillment.shipment.stalled was published.';

-- +goose Down
ALTER TABLE shipments DROP COLUMN stated, DROP COLUMN call_tries, DROP COLUMN call_stalled;
