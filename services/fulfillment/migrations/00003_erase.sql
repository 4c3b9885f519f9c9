-- +goose Up
ALTER TABLE shipments ADD COLUMN erased boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN shipments.erased IS 'Whether the customer is; the address is then kept only until the carrier has answered to the booking.';
CREATE INDEX shipments_of_customer ON shipments (customer_id);
