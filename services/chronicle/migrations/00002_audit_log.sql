-- +goose Up
CREATE TABLE actions (
    fact_id uuid        PRIMARY KEY,
    at      timestamptz NOT NULL,
    context text        NOT NULL,
    actor   text        NOT NULL,
    action  text        NOT NULL,
    target  text        NOT NULL,
    detail  text        NOT NULL
);
CREATE INDEX actions_latest ON actions (at DESC, fact_id DESC);
COMMENT ON TABLE actions IS 'What operators did, as every context tells it by operator.acted.';

-- +goose Down
DROP TABLE actions;
