-- +goose Up
ALTER TABLE outbox ADD COLUMN type text, ADD COLUMN occurred_at timestamptz, ADD COLUMN correlation_id text;
COMMENT ON COLUMN outbox.type IS 'Like occurred_at and correlation_id an attribute of the envelope that is a property of the message. Rows of before have none of the three, and their envelope is read.';

-- A fact is named by source, subject and sequence, of which its id is made. Rows are removed by position, so that nobody who commits
-- has to keep an index of ids, which come in no order.
ALTER TABLE outbox DROP CONSTRAINT outbox_pkey;
DROP INDEX outbox_position;
ALTER TABLE outbox ADD PRIMARY KEY (position);
