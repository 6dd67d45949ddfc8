-- One line for each table: its name as JSON and its number of rows. Written into a backup's manifest, asked again after
-- the restore.
SELECT format(
    'SELECT %L || count(*) FROM ONLY %I.%I',
    '    ' || to_json(n.nspname || '.' || c.relname)::text || ': ', n.nspname, c.relname
)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname
\gexec
