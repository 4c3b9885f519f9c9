-- +goose Up
ALTER TABLE outbox ADD COLUMN exchange text NOT NULL DEFAULT '', ADD COLUMN reply_to text NOT NULL DEFAULT '';
COMMENT ON COLUMN outbox.exchange IS 'Of the one context that a command or an answer is for; empty for a fact, which goes to the context''s own.';
COMMENT ON COLUMN outbox.reply_to IS 'The exchange that the answer to a command goes to.';
