-- +goose Up
CREATE TABLE pickups (
    return_id        uuid        PRIMARY KEY,
    order_id         uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    version          bigint      NOT NULL DEFAULT 0,
    status           text        NOT NULL DEFAULT 'UNASKED'
        CHECK (status IN ('UNASKED', 'PENDING', 'BOOKING', 'BOOKED', 'REFUSED', 'CANCELLING', 'CANCELLED')),
    called_off       boolean     NOT NULL DEFAULT false,
    arranger         text        NOT NULL DEFAULT '',
    canceller        text        NOT NULL DEFAULT '',
    number           text        NOT NULL DEFAULT '',
    reason           text        NOT NULL DEFAULT '',
    call             text        NOT NULL DEFAULT '' CHECK (call IN ('', 'collect', 'cancelPickup')),
    call_attempts    integer     NOT NULL DEFAULT 0,
    call_due_at      timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    call_causation   text        NOT NULL DEFAULT '',
    call_traceparent text        NOT NULL DEFAULT '',
    CHECK ((call <> '') = (status IN ('PENDING', 'BOOKING', 'CANCELLING'))),
    CHECK (call <> '' OR arranger = '' AND canceller = '')
);
CREATE INDEX pickups_first_call ON pickups (call_due_at) WHERE call <> '' AND call_attempts = 0;
CREATE INDEX pickups_next_call ON pickups (call_due_at) WHERE call <> '' AND call_attempts > 0;
COMMENT ON TABLE pickups IS 'The collection of each return''s goods, and what has to be asked of the carrier. Where they are is the shipment''s.';
COMMENT ON COLUMN pickups.arranger IS 'Where the answer goes that is owed to who asked for it; empty when none is.';
COMMENT ON COLUMN pickups.canceller IS 'Where the answer goes that is owed to who asked not to; empty when none is.';
