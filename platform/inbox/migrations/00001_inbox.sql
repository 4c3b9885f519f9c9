-- +goose Up
CREATE TABLE inbox (
    consumer   text        NOT NULL,
    message_id uuid        NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, message_id)
);
COMMENT ON TABLE inbox IS 'Messages whose effects are committed: handling one of them again changes nothing.';

CREATE TABLE waiting (
    consumer        text        NOT NULL,
    message_id      uuid        NOT NULL,
    position        bigint      GENERATED ALWAYS AS IDENTITY,
    source          text        NOT NULL,
    subject         text        NOT NULL,
    type            text        NOT NULL,
    envelope        bytea       NOT NULL,
    state           text        NOT NULL CHECK (state IN ('RETRYING', 'PARKED', 'BEHIND')),
    attempts        integer     NOT NULL DEFAULT 0,
    error           text,
    first_failed_at timestamptz,
    last_failed_at  timestamptz,
    next_attempt_at timestamptz,
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX waiting_aggregate ON waiting (consumer, source, subject, position);
CREATE INDEX waiting_due ON waiting (next_attempt_at) WHERE state = 'RETRYING';
COMMENT ON TABLE waiting IS 'Messages taken from the queue and not yet handled: to be retried, parked for an operator, or behind one of these in the same aggregate.';
