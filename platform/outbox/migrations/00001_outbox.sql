-- +goose Up
CREATE TABLE outbox (
    id          uuid        PRIMARY KEY,
    position    bigint      GENERATED ALWAYS AS IDENTITY,
    partition   smallint    NOT NULL,
    source      text        NOT NULL,
    subject     text        NOT NULL,
    sequence    bigint      NOT NULL,
    routing_key text        NOT NULL,
    envelope    bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts    integer     NOT NULL DEFAULT 0,
    not_before  timestamptz NOT NULL DEFAULT '-infinity',
    error       text,
    UNIQUE (source, subject, sequence)
);
CREATE INDEX outbox_position ON outbox (position);
COMMENT ON TABLE outbox IS 'Facts that are committed and not yet confirmed by the broker. The relay removes a row when it is.';
