-- +goose Up
CREATE TABLE shipments (
    order_id         uuid        PRIMARY KEY,
    version          bigint      NOT NULL DEFAULT 0,
    opened           boolean     NOT NULL DEFAULT false,
    customer_id      uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    name             text        NOT NULL DEFAULT '',
    street           text        NOT NULL DEFAULT '',
    city             text        NOT NULL DEFAULT '',
    postal_code      text        NOT NULL DEFAULT '',
    country_code     text        NOT NULL DEFAULT '',
    paid             boolean     NOT NULL DEFAULT false,
    called_off       boolean     NOT NULL DEFAULT false,
    fulfilled        boolean     NOT NULL DEFAULT false,
    status           text        NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'BOOKING', 'ARRANGED', 'FAILED', 'CANCELLING', 'CANCELLED', 'DISPATCHED', 'DELIVERED')),
    carrier          text        NOT NULL DEFAULT '',
    tracking_number  text        NOT NULL DEFAULT '',
    reason           text        NOT NULL DEFAULT '',
    call             text        NOT NULL DEFAULT '' CHECK (call IN ('', 'book', 'cancel', 'handover', 'track')),
    call_attempts    integer     NOT NULL DEFAULT 0,
    call_due_at      timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    call_causation   text        NOT NULL DEFAULT '',
    call_traceparent text        NOT NULL DEFAULT '',
    CHECK (NOT (called_off AND fulfilled))
);
CREATE INDEX shipments_first_call ON shipments (call_due_at) WHERE call NOT IN ('', 'track') AND call_attempts = 0;
CREATE INDEX shipments_next_call ON shipments (call_due_at) WHERE call NOT IN ('', 'track') AND call_attempts > 0;
CREATE INDEX shipments_under_way ON shipments (call_due_at) WHERE call = 'track';
COMMENT ON TABLE shipments IS 'The parcel of each order, and what has to be asked of the carrier.';
COMMENT ON COLUMN shipments.call IS 'What the carrier has to be asked and has not answered; while call_attempts is 0 it was not asked.';
COMMENT ON COLUMN shipments.call_due_at IS 'When a worker may take the call, again if need be.';
