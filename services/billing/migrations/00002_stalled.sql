-- +goose Up
ALTER TABLE accounts
    ADD COLUMN stated       boolean NOT NULL DEFAULT false,
    ADD COLUMN call_tries   integer NOT NULL DEFAULT 0,
    ADD COLUMN call_stalled boolean NOT NULL DEFAULT false;
UPDATE accounts SET call_tries = call_attempts WHERE call_attempts > 0;
COMMENT ON COLUMN accounts.stated IS 'An operator has said how a call ended.';
COMMENT ON COLUMN accounts.call_tries IS 'How often the call was made since an operator has retried it last.';
COMMENT ON COLUMN accounts.call_stalled IS 'So many tries were in vain that billing.payment.stalled was published.';

-- +goose Down
ALTER TABLE accounts DROP COLUMN stated, DROP COLUMN call_tries, DROP COLUMN call_stalled;
