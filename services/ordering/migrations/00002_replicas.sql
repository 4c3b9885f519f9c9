-- +goose Up
CREATE TABLE products (
    product_id uuid    PRIMARY KEY,
    sku        text    NOT NULL,
    retired    boolean NOT NULL
);
CREATE INDEX products_sku ON products (sku);
COMMENT ON TABLE products IS 'Which products exist, as heard from the catalog.';

CREATE TABLE prices (
    sku         text    PRIMARY KEY,
    minor_units bigint  NOT NULL,
    currency    text    NOT NULL,
    discounts   jsonb   NOT NULL,
    sequence    bigint  NOT NULL
);
COMMENT ON TABLE prices IS 'List prices and tier discounts, as heard from pricing. Used only while pricing cannot be asked.';

CREATE TABLE customers (
    customer_id uuid    PRIMARY KEY,
    tier        text    NOT NULL DEFAULT 'STANDARD',
    sequence    bigint  NOT NULL DEFAULT 0,
    erased      boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE customers IS 'Customers'' tiers, as heard from customers.';

CREATE TABLE pricing_heard (
    at timestamptz NOT NULL
);
INSERT INTO pricing_heard (at) VALUES ('1970-01-01T00:00:00Z');
COMMENT ON TABLE pricing_heard IS 'One row: when pricing was last heard of, to within ten seconds.';
