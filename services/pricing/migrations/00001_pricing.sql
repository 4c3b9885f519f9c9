-- +goose Up
CREATE TABLE price (
    sku         text        COLLATE "C" PRIMARY KEY,
    minor_units bigint      NOT NULL,
    currency    text        NOT NULL,
    changed_at  timestamptz NOT NULL,
    version     bigint      NOT NULL,
    CHECK (minor_units > 0 OR version = 0)
);

CREATE TABLE tier_discount (
    tier         text    PRIMARY KEY,
    basis_points integer NOT NULL CHECK (basis_points BETWEEN 0 AND 10000)
);
INSERT INTO tier_discount (tier, basis_points) VALUES ('STANDARD', 0), ('PREMIUM', 500), ('VIP', 1000);

CREATE TABLE promotion (
    code         text        COLLATE "C" PRIMARY KEY,
    basis_points integer     NOT NULL CHECK (basis_points BETWEEN 1 AND 10000),
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz,
    CHECK (ends_at > starts_at)
);
