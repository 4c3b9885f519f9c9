-- +goose Up
CREATE TABLE saga_skus (
    saga_id text COLLATE "C" NOT NULL,
    sku     text COLLATE "C" NOT NULL,
    PRIMARY KEY (saga_id, sku)
);
CREATE INDEX saga_skus_sku ON saga_skus (sku);
COMMENT ON TABLE saga_skus IS 'Of which SKUs the order or return has lines that a saga is about, for searching.';
-- Payloads are as they were published: what is no list of lines is passed over, and what PostgreSQL cannot read as text.
INSERT INTO saga_skus (saga_id, sku)
SELECT DISTINCT told.id, line ->> 'sku'
FROM (
    SELECT correlation_id AS id, CASE WHEN strpos(envelope::text, '\u0000') = 0 THEN envelope #> '{data,lines}' END AS lines
    FROM facts WHERE sequence IS NOT NULL AND name IN ('ordering.order.placed', 'ordering.return.requested')
) told
CROSS JOIN LATERAL json_array_elements(CASE json_typeof(told.lines) WHEN 'array' THEN told.lines END) line
WHERE octet_length(line ->> 'sku') BETWEEN 1 AND 200;

-- Facts are recorded in nearly the order of the table, so that this costs next to nothing.
CREATE INDEX facts_recorded ON facts USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);

-- +goose Down
DROP INDEX facts_recorded;
DROP TABLE saga_skus;
