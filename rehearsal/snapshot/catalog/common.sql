-- Stands before every query of this folder. Each of them returns kind, identity, part_of, definition.
WITH ext AS (
    -- Members of extensions come back with CREATE EXTENSION; the extension itself is compared.
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), ours AS (
    SELECT n.oid, n.nspname
    FROM pg_namespace n
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND n.nspname !~ '^pg_(toast_)?temp_'
      AND n.nspname <> ALL (current_setting('rehearsal.ignored_schemas')::text[])
), rel AS (
    SELECT c.*, format('%I.%I', ours.nspname, c.relname) AS name
    FROM pg_class c
    JOIN ours ON ours.oid = c.relnamespace
    WHERE (c.tableoid, c.oid) NOT IN (TABLE ext)
)
