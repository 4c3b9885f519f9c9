-- +goose Up
CREATE TABLE accounts (
    order_id         uuid        PRIMARY KEY,
    version          bigint      NOT NULL DEFAULT 0,
    opened           boolean     NOT NULL DEFAULT false,
    customer_id      uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    total            bigint      NOT NULL DEFAULT 0 CHECK (total >= 0),
    currency         text        NOT NULL DEFAULT '',
    token            text        NOT NULL DEFAULT '',
    reserved         boolean     NOT NULL DEFAULT false,
    given_up         boolean     NOT NULL DEFAULT false,
    payment          text        NOT NULL DEFAULT 'PENDING'
        CHECK (payment IN ('PENDING', 'CHARGING', 'CAPTURED', 'DECLINED', 'VOIDED', 'REFUNDING', 'REFUNDED')),
    charge_id        text        NOT NULL DEFAULT '',
    refund_id        text        NOT NULL DEFAULT '',
    reason           text        NOT NULL DEFAULT '',
    attempts         integer     NOT NULL DEFAULT 0,
    invoice          text        NOT NULL DEFAULT '' CHECK (invoice IN ('', 'ISSUED', 'VOIDED')),
    invoice_number   text        NOT NULL DEFAULT '',
    call             text        NOT NULL DEFAULT '' CHECK (call IN ('', 'charge', 'refund')),
    call_attempts    integer     NOT NULL DEFAULT 0,
    call_due_at      timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    call_causation   text        NOT NULL DEFAULT '',
    call_traceparent text        NOT NULL DEFAULT ''
);
CREATE INDEX accounts_first_call ON accounts (call_due_at) WHERE call <> '' AND call_attempts = 0;
CREATE INDEX accounts_next_call ON accounts (call_due_at) WHERE call <> '' AND call_attempts > 0;
COMMENT ON TABLE accounts IS 'Payment and invoice of each order, and what has to be asked of the payment provider.';
COMMENT ON COLUMN accounts.call IS 'What the provider has to be asked and has not answered; while call_attempts is 0 it was not asked.';
COMMENT ON COLUMN accounts.call_due_at IS 'When a worker may take the call, again if need be.';
