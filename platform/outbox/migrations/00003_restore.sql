-- +goose Up
CREATE TABLE epoch (
    number   bigint      NOT NULL,
    began_at timestamptz NOT NULL
);
INSERT INTO epoch (number, began_at) VALUES (0, 'epoch');
COMMENT ON TABLE epoch IS 'One row. A new epoch begins when the database is restored from a backup; the facts of each have sequences and ids of their own.';

CREATE TABLE recall (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    envelope bytea  NOT NULL
);
COMMENT ON TABLE recall IS 'Facts that the context published and has forgotten, because its database was restored from a backup made before.';
