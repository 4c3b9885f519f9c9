-- +goose Up
ALTER TABLE accounts ADD COLUMN erased boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN accounts.erased IS 'Whether the customer is; the token is then kept only until the provider has answered to the charge.';
CREATE INDEX accounts_of_customer ON accounts (customer_id);

CREATE TABLE parties (
    customer_id   uuid        PRIMARY KEY,
    name          text        NOT NULL DEFAULT '',
    email         text        NOT NULL DEFAULT '',
    address_name  text        NOT NULL DEFAULT '',
    street        text        NOT NULL DEFAULT '',
    city          text        NOT NULL DEFAULT '',
    postal_code   text        NOT NULL DEFAULT '',
    country_code  text        NOT NULL DEFAULT '',
    heard         bigint      NOT NULL DEFAULT 0,
    told          bigint      NOT NULL DEFAULT 0,
    erased        boolean     NOT NULL DEFAULT false,
    call_wanted   boolean     NOT NULL DEFAULT false,
    call_attempts integer     NOT NULL DEFAULT 0,
    call_due_at   timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00'
);
CREATE INDEX parties_call ON parties (call_due_at) WHERE call_wanted;
COMMENT ON TABLE parties IS 'Who is billed, as customers tells it, and what customers has to be asked.';
COMMENT ON COLUMN parties.heard IS 'The sequence of the latest news of the customer; told is that of the news that the row takes account of.';
