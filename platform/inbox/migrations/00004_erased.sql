-- +goose Up
CREATE TABLE erased (
    subject text        PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE erased IS 'People who are erased, and their aggregates: messages about them are blotted before they are kept.';
