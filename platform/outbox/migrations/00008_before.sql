-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION outbox_before(its_source text, its_subject text, its_sequence bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
    RETURN coalesce((SELECT o.position FROM outbox o WHERE o.source = its_source AND o.subject = its_subject AND o.sequence < its_sequence
                     ORDER BY o.sequence DESC LIMIT 1), 0);
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION outbox_before IS 'The position of the last row of an aggregate before a sequence, 0 if there is none. It looks the row up however small the table was when this was planned: it is mostly empty, and grows large while nobody can publish.';
