-- A mail is accepted by the row that it gets here. The queue only says when to look at it.

CREATE TYPE email_state AS ENUM ('queued', 'sent', 'failed');

CREATE TABLE email_outbox (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    company_id bigint NOT NULL REFERENCES companies ON DELETE RESTRICT,
    recipient_id bigint NOT NULL REFERENCES recipients ON DELETE RESTRICT,
    subject text NOT NULL CHECK (length(subject) <= 998),
    body text NOT NULL,
    state email_state NOT NULL DEFAULT 'queued',
    attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_failure text,
    message_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    CONSTRAINT sent_has_time CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
-- The relay walks the rows that are still to be sent; they are few among many.
CREATE INDEX email_outbox_queued ON email_outbox (id) WHERE state = 'queued';
CREATE INDEX email_outbox_created ON email_outbox (created_at);
CREATE INDEX email_outbox_recipient ON email_outbox (recipient_id);

CREATE TABLE idempotency_keys (
    company_id bigint NOT NULL REFERENCES companies ON DELETE CASCADE,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    outbox_id uuid NOT NULL REFERENCES email_outbox ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, key)
);
COMMENT ON COLUMN idempotency_keys.fingerprint IS 'SHA-256 of the request: the same key with another mail is refused.';

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER email_outbox_touch BEFORE UPDATE ON email_outbox
FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
