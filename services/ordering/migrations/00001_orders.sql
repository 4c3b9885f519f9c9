-- +goose Up
CREATE SEQUENCE order_number;

CREATE TABLE orders (
    order_id    uuid        PRIMARY KEY,
    customer_id uuid        NOT NULL,
    number      text        NOT NULL UNIQUE,
    placed_at   timestamptz NOT NULL,
    version     bigint      NOT NULL
);
CREATE INDEX orders_of_customer ON orders (customer_id, placed_at DESC, order_id DESC);
COMMENT ON TABLE orders IS 'One row for each order: to lock it by, and to list a customer''s. What an order is, its events tell.';

CREATE TABLE order_events (
    order_id       uuid        NOT NULL REFERENCES orders,
    version        bigint      NOT NULL,
    type           text        NOT NULL,
    schema_version integer     NOT NULL,
    data           jsonb       NOT NULL,
    at             timestamptz NOT NULL,
    PRIMARY KEY (order_id, version)
);
COMMENT ON TABLE order_events IS 'Everything that happened to each order, in order. Rows are never changed, but that personal data is blanked.';

CREATE TABLE deadlines (
    order_id uuid        PRIMARY KEY REFERENCES orders,
    due_at   timestamptz NOT NULL
);
CREATE INDEX deadlines_due ON deadlines (due_at);
COMMENT ON TABLE deadlines IS 'Orders that are not decided, and when they are cancelled for that.';

CREATE TABLE requests (
    principal text        NOT NULL,
    mutation  text        NOT NULL,
    key       uuid        NOT NULL,
    input     bytea       NOT NULL,
    order_id  uuid        NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (principal, mutation, key)
);
CREATE INDEX requests_at ON requests (at);
COMMENT ON TABLE requests IS 'Commands carried out, by idempotency key, with a digest of their input. Kept for 30 days.';
