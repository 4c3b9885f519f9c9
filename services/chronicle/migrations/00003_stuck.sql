-- +goose Up
ALTER TABLE sagas
    ADD COLUMN stalled     boolean NOT NULL DEFAULT false,
    ADD COLUMN silences    bigint  NOT NULL DEFAULT 0,
    ADD COLUMN told_silent timestamptz;
COMMENT ON COLUMN sagas.stalled IS 'A step does not get on; derives from heard, and is kept beside it for searching.';
COMMENT ON COLUMN sagas.silences IS 'How many silences were told of.';
COMMENT ON COLUMN sagas.told_silent IS 'last_fact_at of the silence that was told of last.';

-- +goose Down
ALTER TABLE sagas DROP COLUMN stalled, DROP COLUMN silences, DROP COLUMN told_silent;
