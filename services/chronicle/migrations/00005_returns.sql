-- +goose Up
ALTER TABLE sagas ADD COLUMN order_id text;
UPDATE sagas SET order_id = id WHERE kind = 'ORDER' AND customer_id IS NOT NULL;
CREATE INDEX sagas_needing ON sagas (started_at DESC, id DESC) WHERE state = 'NEEDS_OPERATOR';
COMMENT ON COLUMN sagas.order_id IS 'The order that the saga is about, also of a return; null until that is heard.';
COMMENT ON COLUMN sagas.heard IS 'Name of each fact heard, with the step that it is of if it can be of several, and when it happened.';

-- +goose Down
DROP INDEX sagas_needing;
ALTER TABLE sagas DROP COLUMN order_id;
