-- +goose Up
CREATE TABLE refunds (
    return_id       uuid        PRIMARY KEY,
    version         bigint      NOT NULL DEFAULT 0,
    status          text        NOT NULL DEFAULT ''
        CHECK (status IN ('', 'INTENDED', 'ASKED', 'DOUBTED', 'REFUNDED', 'REFUSED', 'CALLED_OFF')),
    order_id        uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    amount          bigint      NOT NULL DEFAULT 0 CHECK (amount >= 0),
    currency        text        NOT NULL DEFAULT '',
    charge_id       text        NOT NULL DEFAULT '',
    invoice_number  text        NOT NULL DEFAULT '',
    reply_to        text        NOT NULL DEFAULT '',
    cancel_reply_to text        NOT NULL DEFAULT '',
    reason          text        NOT NULL DEFAULT '',
    refund_id       text        NOT NULL DEFAULT '',
    note            text        NOT NULL DEFAULT '',
    attempts        integer     NOT NULL DEFAULT 0,
    due_at          timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    causation       text        NOT NULL DEFAULT '',
    traceparent     text        NOT NULL DEFAULT ''
);
CREATE INDEX refunds_of_order ON refunds (order_id);
CREATE UNIQUE INDEX refunds_note ON refunds (note) WHERE note <> '';
CREATE INDEX refunds_first_call ON refunds (due_at) WHERE status IN ('INTENDED', 'ASKED', 'DOUBTED') AND attempts = 0;
CREATE INDEX refunds_next_call ON refunds (due_at) WHERE status IN ('INTENDED', 'ASKED', 'DOUBTED') AND attempts > 0;
COMMENT ON TABLE refunds IS 'The money that goes back for each return, its credit note, and what has to be asked of the payment provider.';
COMMENT ON COLUMN refunds.reply_to IS 'Where the answer to the command to refund goes; empty while it was not heard. cancel_reply_to is that of the command to cancel.';
COMMENT ON COLUMN refunds.note IS 'The number of the credit note.';
COMMENT ON COLUMN refunds.due_at IS 'When a worker may take the call, again if need be.';

CREATE TABLE credit_notes (
    sole  boolean PRIMARY KEY DEFAULT true CHECK (sole),
    count bigint  NOT NULL
);
INSERT INTO credit_notes (count) VALUES (0);
COMMENT ON TABLE credit_notes IS 'One row: how many credit notes there are. A sequence would leave numbers out.';

-- +goose Down
DROP TABLE refunds;
DROP TABLE credit_notes;
