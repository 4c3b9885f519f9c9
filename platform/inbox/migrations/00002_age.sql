-- +goose Up
CREATE INDEX inbox_age ON inbox (handled_at);
