-- +goose Up
CREATE TABLE facts (
    id             uuid        PRIMARY KEY,
    arrival        bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
    name           text        NOT NULL,
    version        bigint      NOT NULL,
    context        text        NOT NULL,
    subject        text        NOT NULL,
    correlation_id text        NOT NULL,
    causation_id   text        NOT NULL,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    envelope       json        NOT NULL,
    sequence       bigint
);
CREATE UNIQUE INDEX facts_saga ON facts (correlation_id, sequence) WHERE sequence IS NOT NULL;
COMMENT ON TABLE facts IS 'Every public fact, as it travelled, with personal data blotted out.';
COMMENT ON COLUMN facts.sequence IS 'Number in the saga that correlation_id names, from 1 without a gap; null outside of sagas.';
COMMENT ON COLUMN facts.envelope IS 'json, not jsonb: that also stores what nobody expected, such as escaped NULs.';

CREATE TABLE sagas (
    id           text COLLATE "C" PRIMARY KEY,
    kind         text        NOT NULL,
    sequence     bigint      NOT NULL DEFAULT 0,
    state        text        NOT NULL DEFAULT 'RUNNING',
    heard        jsonb       NOT NULL DEFAULT '{}',
    order_number text,
    customer_id  uuid,
    deadline     timestamptz,
    started_at   timestamptz NOT NULL DEFAULT 'epoch',
    last_fact_at timestamptz NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 70);
CREATE INDEX sagas_latest ON sagas (started_at DESC, id DESC);
CREATE INDEX sagas_moving ON sagas (started_at DESC, id DESC) WHERE state IN ('RUNNING', 'COMPENSATING');
CREATE INDEX sagas_order_number ON sagas (order_number);
CREATE INDEX sagas_customer ON sagas (customer_id, started_at DESC, id DESC);
COMMENT ON TABLE sagas IS 'What was heard of each saga. How it stands derives from heard; state is kept beside it for searching.';
COMMENT ON COLUMN sagas.heard IS 'Name of each fact heard, and when it happened.';

-- +goose Down
DROP TABLE sagas;
DROP TABLE facts;
