-- +goose Up
CREATE TABLE audit (
    id     uuid        PRIMARY KEY,
    actor  text        NOT NULL,
    action text        NOT NULL,
    target text        NOT NULL,
    detail text        NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX audit_at ON audit (at);
COMMENT ON TABLE audit IS 'What operators did, each row committed with what it tells of.';
