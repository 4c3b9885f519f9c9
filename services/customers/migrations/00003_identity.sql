-- +goose Up
CREATE TABLE identity (
    issuer      text        NOT NULL,
    subject     text        NOT NULL,
    customer_id uuid        NOT NULL REFERENCES customer,
    at          timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identity_customer ON identity (customer_id);
COMMENT ON TABLE identity IS 'Which customer somebody is whom an issuer outside knows by a subject; made at the first sign-in.';
