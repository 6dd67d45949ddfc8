SELECT 'constraint', format('%I on %s', conname, name), name,
       concat_ws(
           '; ',
           pg_get_constraintdef(pg_constraint.oid),
           CASE WHEN NOT convalidated THEN 'not valid' END,
           CASE WHEN contype = 'f' AND EXISTS (
                    SELECT FROM pg_trigger WHERE tgconstraint = pg_constraint.oid AND tgenabled <> 'O')
                THEN 'its triggers are disabled' END
       )
FROM pg_constraint
JOIN rel ON rel.oid = conrelid
-- A partitioned table's foreign keys are copied to the partitions under names that the server invents.
WHERE contype <> 't' AND NOT (contype = 'f' AND conparentid <> 0)
UNION ALL
SELECT 'constraint', format('%I on domain %s', conname, format_type(contypid, NULL)), format_type(contypid, NULL),
       concat_ws('; ', pg_get_constraintdef(pg_constraint.oid), CASE WHEN NOT convalidated THEN 'not valid' END)
FROM pg_constraint
JOIN ours ON ours.oid = connamespace
WHERE contypid <> 0
UNION ALL
SELECT 'index', format('%I.%I', ours.nspname, index.relname), rel.name,
       concat_ws(
           '; ',
           pg_get_indexdef(indexrelid),
           CASE WHEN indisunique THEN 'unique' END,
           CASE WHEN NOT indisvalid THEN 'not valid' END,
           CASE WHEN NOT indimmediate THEN 'deferrable' END,
           CASE WHEN indisclustered THEN 'clustered' END,
           CASE WHEN indisreplident THEN 'replica identity' END,
           (SELECT 'tablespace ' || spcname FROM pg_tablespace t WHERE t.oid = index.reltablespace),
           (SELECT 'part of ' || inhparent::regclass FROM pg_inherits WHERE inhrelid = indexrelid),
           (SELECT 'statistics ' || string_agg(attnum || ':' || attstattarget, ' ' ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = indexrelid AND attstattarget <> -1)
       )
FROM pg_index
JOIN rel ON rel.oid = indrelid
JOIN pg_class index ON index.oid = indexrelid
JOIN ours ON ours.oid = index.relnamespace
-- An index whose building failed is not used, and pg_dump leaves it out: it counts as absent.
WHERE indisvalid OR rel.relkind = 'p'
