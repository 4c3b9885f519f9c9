-- +goose Up
CREATE TABLE returns (
    return_id    uuid        PRIMARY KEY,
    order_id     uuid        NOT NULL REFERENCES orders,
    requested_at timestamptz NOT NULL,
    version      bigint      NOT NULL,
    state        text        NOT NULL
);
CREATE INDEX returns_of_order ON returns (order_id, requested_at, return_id);
CREATE INDEX returns_needing_operator ON returns (return_id) WHERE state = 'NEEDS_OPERATOR';
COMMENT ON TABLE returns IS 'One row for each return: to lock it by, to list an order''s, and to count those that need an operator. What a return is, its events tell.';

CREATE TABLE return_events (
    return_id      uuid        NOT NULL REFERENCES returns,
    version        bigint      NOT NULL,
    type           text        NOT NULL,
    schema_version integer     NOT NULL,
    data           jsonb       NOT NULL,
    at             timestamptz NOT NULL,
    PRIMARY KEY (return_id, version)
);
COMMENT ON TABLE return_events IS 'Everything that happened to each return, in order. Rows are never changed, but that personal data is blanked.';

CREATE TABLE return_timers (
    return_id uuid        PRIMARY KEY REFERENCES returns,
    due_at    timestamptz NOT NULL
);
CREATE INDEX return_timers_due ON return_timers (due_at);
COMMENT ON TABLE return_timers IS 'Returns that wait for an answer, and until when.';

COMMENT ON COLUMN requests.order_id IS 'The order or the return that the command led to. It keeps its name while programs of before returns run beside those of after.';
