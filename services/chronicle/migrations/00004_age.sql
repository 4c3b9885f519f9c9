-- +goose Up
CREATE INDEX sagas_age ON sagas (last_fact_at) WHERE state IN ('COMPLETED', 'COMPENSATED');
