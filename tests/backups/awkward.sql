-- An honest database whose content and names look like attacks.
CREATE SCHEMA "\! id";
CREATE TABLE "\! id"."COPY x FROM PROGRAM 'id'" (program text, language text, "set" text, stdin text DEFAULT 'C:\');
INSERT INTO "\! id"."COPY x FROM PROGRAM 'id'" VALUES
    ('\! id', '\copy x from program ''id''', E'\\.\n\\.\n\\! id\n', '$$ $a$ '' " -- /* '),
    (E'a\nCOPY x FROM PROGRAM ''id'';\n', E'\\', E'\'\\\'', '`id` :LAST_ERROR_MESSAGE :''x'''),
    (E'\\i /etc/passwd\r\n\t\b\f\v', 'LOAD ''evil''; DO $$ BEGIN END $$;', NULL, '\N');
COMMENT ON TABLE "\! id"."COPY x FROM PROGRAM 'id'" IS E'\\! id\n\\! id; -- \\copy';
COMMENT ON COLUMN "\! id"."COPY x FROM PROGRAM 'id'".stdin IS 'ends with a backslash \';
CREATE FUNCTION public.mentions(language text, program text) RETURNS TABLE (language_of text, body text)
LANGUAGE plpgsql SET standard_conforming_strings = on AS $body$
BEGIN
    -- \! id, COPY t TO PROGRAM 'id', pg_read_file('x')
    /* lo_import('x') */
    RAISE NOTICE '\! id; COPY t FROM PROGRAM %, pg_read_file()', language;
    RETURN QUERY SELECT $a$\copy x from program 'id'$a$::text, E'\'; \\! id'::text;
END $body$;
CREATE FUNCTION public.nested(n integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC
    SELECT CASE WHEN n > 1 THEN CASE WHEN $1 > 2 THEN 3 ELSE 2 END ELSE 1 END;
    SELECT n + 1;
END;
CREATE PROCEDURE public.copies() LANGUAGE plpgsql AS 'BEGIN CREATE TEMP TABLE x AS SELECT ''a\''; END';
CREATE TABLE public.pg_read_file (lo_import text, copy text, sliced integer[], moment timestamptz DEFAULT '2020-01-01');
INSERT INTO public.pg_read_file VALUES ('1', '\\', '{1,2,3}');
CREATE VIEW public.slices AS
    SELECT sliced[1:2] AS a, lo_import || E'\\' AS b, 1e10 AS c, 'x'::text AS d, sliced[1:lo_import::int] AS e
    FROM public.pg_read_file WHERE lo_import ~ '^\\!' AND copy <> 'a\' AND '\' = copy;
CREATE FUNCTION public.dblink(host text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT host $$;
CREATE VIEW public.at_edges AS SELECT 1 - -1 AS a, 2 * +3 AS b, 5 % 2 AS c, 1.5e-3 AS d, .5 AS e, -1::integer AS f;
CREATE TYPE public.odd AS ENUM ('\!', '''', E'a\nb', '$$');
CREATE TABLE public.documents (data jsonb, CONSTRAINT c CHECK ((data ->> '\') <> E'\\\'' AND (data #>> '{a,b}') ~ '--'));
INSERT INTO public.documents VALUES ('{"a": "\\! id \"x\" ''$$''"}');
CREATE RULE told AS ON DELETE TO public.documents DO ALSO (NOTIFY gone; NOTIFY more);
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO pg_monitor;
CREATE PUBLICATION tidings FOR TABLE public.documents;
CREATE SUBSCRIPTION elsewhere CONNECTION 'host=example.invalid' PUBLICATION tidings
    WITH (connect = false, slot_name = 'elsewhere');
