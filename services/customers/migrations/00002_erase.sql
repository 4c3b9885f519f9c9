-- +goose Up
ALTER TABLE customer ALTER COLUMN email_key DROP NOT NULL;
ALTER TABLE customer ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN customer.erased_at IS 'Since when nothing personal is left of the customer. The row stays, so that nobody gets the id again.';

ALTER TABLE registration RENAME TO claim;
ALTER INDEX registration_at RENAME TO claim_at;
ALTER TABLE claim ADD COLUMN mutation text NOT NULL DEFAULT 'registerCustomer';
ALTER TABLE claim ALTER COLUMN mutation DROP DEFAULT;
ALTER TABLE claim DROP CONSTRAINT registration_pkey;
ALTER TABLE claim ADD PRIMARY KEY (principal, mutation, key);
CREATE INDEX claim_customer ON claim (customer_id);
COMMENT ON TABLE claim IS 'Idempotency keys, with a keyed hash of the input; no password and no token. Kept for 30 days.';
