-- What may be lost or changed by a bad restore. Each is headed by its name and the place that a difference must name.

-- one value => rows of mail.companies
UPDATE mail.companies SET score = 9 WHERE id = 3;

-- value to NULL => rows of mail.companies
UPDATE mail.companies SET tags = NULL WHERE id = 3;

-- NULL to the word null => rows of mail.measured
UPDATE mail.measured SET "Çolumn ""x""" = 'null';

-- word null in an array => rows of mail.companies
UPDATE mail.companies SET tags[1] = 'null' WHERE id = 1;

-- empty text for NULL => rows of mail.companies
UPDATE mail.companies SET contact.b = '' WHERE id = 1;

-- scale of a number => rows of mail.measured
UPDATE mail.measured SET n = 1.5 WHERE n = 1.50;

-- sign of zero => rows of mail.measured
UPDATE mail.measured SET x = 0 WHERE x = 0;

-- last digit of a float => rows of mail.measured
UPDATE mail.measured SET x = 0.10000000000000002 WHERE x = 0.1;

-- mojibake => rows of mail.measured
UPDATE mail.measured SET "Çolumn ""x"""
    = convert_from(convert_to('ação', 'UTF8'), 'LATIN1') WHERE n = 1.5;

-- values swapped between rows => rows of mail.companies
UPDATE mail.companies a SET score = b.score FROM mail.companies b WHERE (a.id, b.id) IN ((1, 2), (2, 1));

-- row lost => rows of mail.companies
DELETE FROM mail.companies WHERE id = 50;

-- row doubled => rows of mail.measured
INSERT INTO mail.measured SELECT * FROM mail.measured LIMIT 1;

-- one row doubled and another lost => rows of mail.measured
WITH gone AS (DELETE FROM mail.measured WHERE n = 1.5)
INSERT INTO mail.measured SELECT * FROM mail.measured WHERE x = 0.1;

-- row without columns lost => rows of mail.without_columns
DELETE FROM mail.without_columns;

-- row moved to the parent => rows of mail.parent
WITH gone AS (DELETE FROM mail.child RETURNING *)
INSERT INTO mail.parent SELECT a, b, late FROM gone;

-- large object changed => large objects
SELECT lo_put(12346, 2999999, 'y');

-- large object lost => large objects
SELECT lo_unlink(12345);

-- sequence value => sequence position mail.odd
ALTER SEQUENCE mail.odd RESTART WITH -1;

-- sequence not yet used => sequence position mail.odd
ALTER SEQUENCE mail.odd RESTART;

-- sequence increment => sequence mail.odd
ALTER SEQUENCE mail.odd INCREMENT -1;

-- sequence no longer owned => sequence mail.companies_id_seq
ALTER SEQUENCE mail.companies_id_seq OWNED BY NONE;

-- extra table => table mail.extra
CREATE TABLE mail.extra ();

-- extra schema => schema extra
CREATE SCHEMA extra;

-- table lost => table mail.empty
DROP TABLE mail.empty;

-- logged => table mail.measured
ALTER TABLE mail.measured SET LOGGED;

-- storage parameter => table mail.companies
ALTER TABLE mail.companies RESET (fillfactor);

-- row security off => table mail.companies
ALTER TABLE mail.companies DISABLE ROW LEVEL SECURITY;

-- row security forced => table mail.companies
ALTER TABLE mail.companies FORCE ROW LEVEL SECURITY;

-- policy weakened => policy own on mail.companies
ALTER POLICY own ON mail.companies USING (true);

-- policy for everybody => policy own on mail.companies
ALTER POLICY own ON mail.companies TO public;

-- replica identity => table mail.companies
ALTER TABLE mail.companies REPLICA IDENTITY FULL;

-- partition detached => table mail.outbox_rest
ALTER TABLE mail.outbox DETACH PARTITION mail.outbox_rest;

-- inheritance cut => table mail.child
ALTER TABLE mail.child NO INHERIT mail.parent;

-- column lost => column mail.events.region
ALTER TABLE mail.events DROP COLUMN region CASCADE;

-- column added => column mail.events.x
ALTER TABLE mail.events ADD COLUMN x integer;

-- columns in another order => column mail.empty.id
ALTER TABLE mail.empty ADD a int, ADD b int, DROP COLUMN id;
ALTER TABLE mail.empty ADD id int PRIMARY KEY;

-- type => column mail.measured.x
ALTER TABLE mail.measured ALTER x TYPE real;

-- default => column mail.companies.plan
ALTER TABLE mail.companies ALTER plan SET DEFAULT 'paid';

-- default lost => column mail.companies.plan
ALTER TABLE mail.companies ALTER plan DROP DEFAULT;

-- not null lost => column mail.parent.late
ALTER TABLE mail.parent ALTER late DROP NOT NULL;

-- generated made plain => column mail.companies.doubled
ALTER TABLE mail.companies ALTER doubled DROP EXPRESSION;

-- identity always => column mail.companies.number
ALTER TABLE mail.companies ALTER number SET GENERATED ALWAYS;

-- identity lost => column mail.companies.number
ALTER TABLE mail.companies ALTER number DROP IDENTITY;

-- collation of a column => column mail.parent.b
ALTER TABLE mail.parent ALTER b TYPE text COLLATE "C";

-- storage of a column => column mail.companies.name
ALTER TABLE mail.companies ALTER name SET STORAGE MAIN;

-- statistics of a column => column mail.companies.name
ALTER TABLE mail.companies ALTER name SET STATISTICS -1;

-- check weakened => constraint plan_known on mail.companies
ALTER TABLE mail.companies DROP CONSTRAINT plan_known,
    ADD CONSTRAINT plan_known CHECK (true);

-- check with one value more => constraint plan_known on mail.companies
ALTER TABLE mail.companies DROP CONSTRAINT plan_known,
    ADD CONSTRAINT plan_known CHECK (plan IN ('free', 'paid', 'x'));

-- check with OR for AND => constraint score_sane on mail.companies
ALTER TABLE mail.companies DROP CONSTRAINT score_sane,
    ADD CONSTRAINT score_sane CHECK (score BETWEEN 1 AND 9 OR score <> 5);

-- check bracketed otherwise => constraint companies_check on mail.companies
ALTER TABLE mail.companies DROP CONSTRAINT companies_check,
    ADD CONSTRAINT companies_check CHECK ((plan = 'free' OR score > 2) AND score < 9) NOT VALID;

-- constraint validated => constraint not_yet_checked on mail.companies
ALTER TABLE mail.companies VALIDATE CONSTRAINT not_yet_checked;

-- foreign key deferred => constraint outbox_company_fkey on mail.outbox
ALTER TABLE mail.outbox ALTER CONSTRAINT outbox_company_fkey DEFERRABLE;

-- foreign key not enforced => constraint events_id_region_fkey on mail.events
ALTER TABLE mail.events DISABLE TRIGGER ALL;

-- index redefined => index mail.by_name
DROP INDEX mail.by_name;
CREATE INDEX by_name ON mail.companies (name) WHERE plan IN ('free', 'paid');

-- index with another condition => index mail.by_name
DROP INDEX mail.by_name;
CREATE INDEX by_name ON mail.companies (lower(name)) WHERE plan IN ('free');

-- index not valid => index mail.by_name
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'mail.by_name'::regclass;

-- index of a partition lost => index mail.outbox_company_idx
DROP INDEX mail.outbox_company_idx;

-- clustering => index mail.unique_name
ALTER TABLE mail.companies SET WITHOUT CLUSTER;

-- view body => view mail.paying
CREATE OR REPLACE VIEW mail.paying WITH (security_barrier) AS SELECT id, name FROM mail.companies;

-- view option => view mail.paying
ALTER VIEW mail.paying RESET (security_barrier);

-- materialized view filled => materialized view mail.unfilled
REFRESH MATERIALIZED VIEW mail.unfilled;

-- function body => function mail.add_one(integer)
CREATE OR REPLACE FUNCTION mail.add_one(n integer DEFAULT 3) RETURNS integer LANGUAGE plpgsql
AS $$ BEGIN RETURN n + 2; END $$;

-- function default => function mail.add_one(integer)
CREATE OR REPLACE FUNCTION mail.add_one(n integer DEFAULT 4) RETURNS integer LANGUAGE plpgsql
AS $$ BEGIN RETURN n + 1; END $$;

-- function runs as its owner => function mail.add_one(integer)
ALTER FUNCTION mail.add_one SECURITY DEFINER;

-- SQL function => function mail.known(character varying)
CREATE OR REPLACE FUNCTION mail.known(w varchar) RETURNS boolean LANGUAGE sql
BEGIN ATOMIC SELECT true;
END;

-- procedure lost => procedure mail.tidy()
DROP PROCEDURE mail.tidy;

-- aggregate => aggregate mail.total(integer)
CREATE OR REPLACE AGGREGATE mail.total(integer) (sfunc = int4pl, stype = integer, initcond = '1');

-- trigger disabled => trigger touched on mail.companies
ALTER TABLE mail.companies DISABLE TRIGGER touched;

-- trigger enabled => trigger resting on mail.companies
ALTER TABLE mail.companies ENABLE TRIGGER resting;

-- trigger condition => trigger touched on mail.companies
CREATE OR REPLACE TRIGGER touched BEFORE UPDATE ON mail.companies FOR EACH ROW EXECUTE FUNCTION mail.touch();

-- event trigger disabled => event trigger watching
ALTER EVENT TRIGGER watching DISABLE;

-- rule lost => rule told on mail.events
DROP RULE told ON mail.events;

-- enum label => enum mail.state
ALTER TYPE mail.state RENAME VALUE 'sent' TO 'delivered';

-- enum order => enum mail.state
ALTER TYPE mail.state ADD VALUE 'tried' BEFORE 'queued';

-- domain check => constraint has_at on domain mail.address
ALTER DOMAIN mail.address DROP CONSTRAINT has_at;

-- domain default => domain mail.address
ALTER DOMAIN mail.address SET DEFAULT 'x@y';

-- composite type => column mail.pair.b
ALTER TYPE mail.pair RENAME ATTRIBUTE b TO c;

-- range type lost => range mail.interval_of_time
DROP TYPE mail.interval_of_time;

-- collation => collation mail.bytewise
DROP COLLATION mail.bytewise;
CREATE COLLATION mail.bytewise (locale = 'C.UTF-8');

-- extension lost => extension plpgsql
DROP EXTENSION plpgsql CASCADE;

-- operator lost => operator mail.===(integer,integer)
DROP OPERATOR mail.=== (integer, integer);

-- cast made implicit => cast (mail.state AS integer)
DROP CAST (mail.state AS integer);
CREATE CAST (mail.state AS integer)
    WITH FUNCTION mail.state_number(mail.state) AS IMPLICIT;

-- text search => text search configuration mail.words
ALTER TEXT SEARCH CONFIGURATION mail.words DROP MAPPING FOR word;

-- statistics lost => statistics mail.together
DROP STATISTICS mail.together;

-- publication => publication news
ALTER PUBLICATION news SET (publish = 'insert');

-- server option => foreign server remote
ALTER SERVER remote OPTIONS (SET host 'y');

-- user mapping => user mapping snapshot_app on server remote
ALTER USER MAPPING FOR snapshot_app SERVER remote OPTIONS (SET password 'other');

-- owner => owner of table mail.companies
ALTER TABLE mail.companies OWNER TO postgres;

-- owner of a schema => owner of schema mail
ALTER SCHEMA mail OWNER TO postgres;

-- owner of a function => owner of function mail.touch()
ALTER FUNCTION mail.touch OWNER TO snapshot_owner;

-- grant on a schema => grants on schema mail to snapshot_app
REVOKE USAGE ON SCHEMA mail FROM snapshot_app;

-- grant on the schema public => grants on schema public to public
GRANT CREATE ON SCHEMA public TO public;

-- grant on a table => grants on table mail.events to snapshot_app
REVOKE SELECT ON mail.events FROM snapshot_app;

-- grant on a column => grants on table column mail.companies.name to snapshot_app
REVOKE UPDATE (name) ON mail.companies FROM snapshot_app;

-- grant option => grants on table column mail.companies.name to snapshot_app
REVOKE GRANT OPTION FOR UPDATE (name) ON mail.companies FROM snapshot_app;

-- grant on a function => grants on function mail.add_one(integer) to public
GRANT EXECUTE ON FUNCTION mail.add_one TO public;

-- grant on a sequence => grants on sequence mail.odd to snapshot_app
GRANT USAGE ON SEQUENCE mail.odd TO snapshot_app;

-- grant on a type => grants on type mail.state to public
REVOKE USAGE ON TYPE mail.state FROM public;

-- grant on a large object => grants on large object 12345 to snapshot_app
REVOKE SELECT ON LARGE OBJECT 12345 FROM snapshot_app;

-- grant on the server's own function => grants on function pg_catalog.pg_ls_dir(pg_catalog.text) to snapshot_app
REVOKE EXECUTE ON FUNCTION pg_ls_dir(text) FROM snapshot_app;

-- default privileges => default privileges of postgres in mail on r
ALTER DEFAULT PRIVILEGES IN SCHEMA mail REVOKE SELECT ON TABLES FROM snapshot_app;

-- comment lost => comment on table mail.companies
COMMENT ON TABLE mail.companies IS NULL;

-- comment on a column => comment on table column mail.companies.name
COMMENT ON COLUMN mail.companies.name IS 'Noma';

-- comment on a large object => comment on large object 12345
COMMENT ON LARGE OBJECT 12345 IS NULL;
