-- +goose Up
CREATE TABLE customer (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL,
    email_key     text        NOT NULL UNIQUE,
    name          text        NOT NULL,
    phone         text,
    tier          text        NOT NULL CHECK (tier IN ('STANDARD', 'PREMIUM', 'VIP')),
    roles         text[]      NOT NULL,
    password      text        NOT NULL,
    version       bigint      NOT NULL,
    registered_at timestamptz NOT NULL
);
COMMENT ON COLUMN customer.email_key IS 'The e-mail address with case removed: two spellings of one address are one customer.';
COMMENT ON COLUMN customer.password IS 'Argon2id, as a PHC string.';

CREATE TABLE address (
    id           uuid   PRIMARY KEY,
    customer_id  uuid   NOT NULL REFERENCES customer,
    position     bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    name         text   NOT NULL,
    street       text   NOT NULL,
    city         text   NOT NULL,
    postal_code  text   NOT NULL,
    country_code text   NOT NULL
);
CREATE INDEX address_customer ON address (customer_id, position);

CREATE TABLE registration (
    principal   text        NOT NULL,
    key         uuid        NOT NULL,
    digest      bytea       NOT NULL,
    customer_id uuid        NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX registration_at ON registration (at);
COMMENT ON TABLE registration IS 'Idempotency keys of registrations, with a keyed hash of the input; no password and no token. Kept for 30 days.';

CREATE TABLE secret (
    name  text        PRIMARY KEY,
    value bytea       NOT NULL,
    at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE secret IS 'What all instances share and nobody else knows: the key that signs tokens, the key of the hashes in registration.';
