-- +goose Up
CREATE TABLE restock (
    return_id  uuid        PRIMARY KEY,
    order_id   uuid,
    status     text        NOT NULL CHECK (status IN ('UNASKED', 'PUT_BACK', 'REFUSED', 'TAKEN_OUT', 'CALLED_OFF')),
    lines      jsonb       NOT NULL DEFAULT '[]',
    reason     text        NOT NULL DEFAULT '',
    version    bigint      NOT NULL DEFAULT 0,
    changed_at timestamptz
);
COMMENT ON TABLE restock IS 'What each return has brought back.';
COMMENT ON COLUMN restock.lines IS 'The goods that are back, or were once.';
COMMENT ON COLUMN restock.version IS 'How many messages about it were published.';

ALTER TABLE reservation ADD COLUMN returned jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN reservation.returned IS 'Those of the lines that returns of the order have brought back.';

ALTER TABLE movement
    ADD COLUMN return_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    DROP CONSTRAINT movement_pkey,
    DROP CONSTRAINT movement_kind_check,
    ADD PRIMARY KEY (order_id, return_id, kind, sku),
    ADD CONSTRAINT movement_kind_check CHECK (
        kind IN ('RESERVED', 'DEDUCTED', 'RELEASED', 'REINSTATED') AND return_id = '00000000-0000-0000-0000-000000000000'
        OR kind IN ('RETURNED', 'WITHDRAWN') AND return_id <> '00000000-0000-0000-0000-000000000000');
COMMENT ON TABLE movement IS 'The ledger of each order and of each of its returns, in both directions. Its key forbids doing anything twice.';
COMMENT ON COLUMN movement.return_id IS 'Zero for what the order itself does.';
