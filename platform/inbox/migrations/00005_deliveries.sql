-- +goose Up
-- The default is for the rows that are there, and is kept beside the table: none is written again.
ALTER TABLE inbox ADD COLUMN attempts integer DEFAULT 0;
ALTER TABLE inbox ALTER COLUMN attempts DROP DEFAULT;
COMMENT ON COLUMN inbox.attempts IS 'How often it was tried until it was handled; null for once, which takes no room, 0 for what was handled before this was kept.';
CREATE INDEX interventions_message ON interventions (consumer, message_id);
