-- +goose Up
-- What an index is made of cannot change without new entries in all indexes of the row. A saga hears a fact some ten times, and
-- only the last changes when it was at rest.
ALTER TABLE sagas ADD COLUMN rested_at timestamptz GENERATED ALWAYS AS (CASE WHEN state IN ('COMPLETED', 'COMPENSATED') THEN last_fact_at END) STORED;
COMMENT ON COLUMN sagas.rested_at IS 'last_fact_at of a saga that is at rest.';
CREATE INDEX sagas_rested ON sagas (rested_at) WHERE rested_at IS NOT NULL;
DROP INDEX sagas_age;

-- +goose Down
CREATE INDEX sagas_age ON sagas (last_fact_at) WHERE state IN ('COMPLETED', 'COMPENSATED');
ALTER TABLE sagas DROP COLUMN rested_at;
