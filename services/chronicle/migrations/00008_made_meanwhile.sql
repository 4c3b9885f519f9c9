-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION made_meanwhile() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'made by another transaction meanwhile' USING ERRCODE = 'serialization_failure';
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION made_meanwhile() IS 'Has a transaction begin again that makes a row which was not there when it looked.';

-- +goose Down
DROP FUNCTION made_meanwhile();
