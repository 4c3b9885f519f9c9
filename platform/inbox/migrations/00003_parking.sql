-- +goose Up
ALTER TABLE waiting ADD COLUMN cause text GENERATED ALWAYS AS
    (regexp_replace(left(error, 300), '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', '*', 'g')) STORED;
COMMENT ON COLUMN waiting.cause IS 'The error without ids, so that messages that fail for one reason have one cause.';
CREATE INDEX waiting_parked ON waiting (first_failed_at, message_id) WHERE state = 'PARKED';

CREATE TABLE interventions (
    audit_id   uuid        PRIMARY KEY,
    consumer   text        NOT NULL,
    message_id uuid        NOT NULL,
    type       text        NOT NULL,
    error      text,
    before     json        NOT NULL,
    after      json,
    at         timestamptz NOT NULL
);
CREATE INDEX interventions_at ON interventions (at);
COMMENT ON TABLE interventions IS 'Parked messages that operators edited or discarded (then there is no after), as they were, personal data blotted out. The audit tells who, and why.';
