-- +goose Up
CREATE TABLE tally (
    message_id uuid    PRIMARY KEY,
    name       text    NOT NULL,
    times      integer NOT NULL
);
COMMENT ON TABLE tally IS 'How often each fact took effect here.';
