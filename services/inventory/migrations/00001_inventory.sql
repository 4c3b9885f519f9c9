-- +goose Up
CREATE TABLE stock (
    sku      text   COLLATE "C" PRIMARY KEY,
    on_hand  bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    deducted bigint NOT NULL DEFAULT 0,
    received bigint NOT NULL DEFAULT 0,
    version  bigint NOT NULL DEFAULT 0,
    CONSTRAINT promised_goods_are_there CHECK (0 <= reserved AND reserved <= on_hand),
    CONSTRAINT no_goods_are_lost CHECK (deducted >= 0 AND on_hand + deducted = received)
) WITH (fillfactor = 70);
COMMENT ON COLUMN stock.deducted IS 'Net of what was put back.';
COMMENT ON COLUMN stock.version IS 'How many facts of this SKU were published.';

CREATE TABLE reservation (
    order_id          uuid        PRIMARY KEY,
    customer_id       uuid,
    status            text        NOT NULL
        CHECK (status IN ('PENDING', 'RESERVED', 'REJECTED', 'DEDUCTED', 'RELEASED', 'REINSTATED')),
    shipment_arranged boolean     NOT NULL DEFAULT false,
    lines             jsonb       NOT NULL DEFAULT '[]',
    version           bigint      NOT NULL DEFAULT 0,
    changed_at        timestamptz
);
COMMENT ON COLUMN reservation.customer_id IS 'Null until the order itself was heard of.';

CREATE TABLE receipt (
    sku         text        COLLATE "C" NOT NULL,
    reference   text        COLLATE "C" NOT NULL,
    quantity    bigint      NOT NULL CHECK (quantity > 0),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (sku, reference)
);

CREATE TABLE movement (
    order_id uuid        NOT NULL,
    kind     text        NOT NULL CHECK (kind IN ('RESERVED', 'DEDUCTED', 'RELEASED', 'REINSTATED')),
    sku      text        COLLATE "C" NOT NULL,
    quantity bigint      NOT NULL CHECK (quantity > 0),
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, kind, sku)
);
COMMENT ON TABLE movement IS 'The ledger of each order, in both directions. Its key forbids doing anything twice.';
