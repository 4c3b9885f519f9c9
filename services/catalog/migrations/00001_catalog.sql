-- +goose Up
CREATE TABLE product (
    id          uuid        PRIMARY KEY,
    sku         text        COLLATE "C" NOT NULL UNIQUE,
    name        text        NOT NULL,
    description text        NOT NULL,
    category    text        NOT NULL,
    image_url   text,
    retired     boolean     NOT NULL DEFAULT false,
    sort_name   text        COLLATE "C" NOT NULL,
    searched    text        NOT NULL,
    version     bigint      NOT NULL,
    changed_at  timestamptz NOT NULL
);
COMMENT ON COLUMN product.sort_name IS 'The name in lower case, by which lists are ordered: the same on every server, whatever its locale.';
COMMENT ON COLUMN product.searched IS 'Name, SKU and description in lower case.';
CREATE INDEX product_by_name ON product (sort_name, sku) WHERE NOT retired;
CREATE INDEX product_by_category ON product (category, sort_name, sku) WHERE NOT retired;
