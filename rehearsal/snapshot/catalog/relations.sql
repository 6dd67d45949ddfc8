SELECT CASE relkind
           WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
           WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'composite type'
       END,
       name,
       '',
       concat_ws(
           '; ',
           CASE relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' ELSE 'permanent' END,
           (SELECT 'access method ' || amname FROM pg_am WHERE pg_am.oid = rel.relam),
           (SELECT 'tablespace ' || spcname FROM pg_tablespace t WHERE t.oid = rel.reltablespace),
           (SELECT 'with ' || string_agg(o, ', ' ORDER BY o) FROM unnest(reloptions) o),
           (SELECT 'toast with ' || string_agg(o, ', ' ORDER BY o)
            FROM pg_class toast, unnest(toast.reloptions) o WHERE toast.oid = rel.reltoastrelid),
           CASE WHEN relrowsecurity THEN 'row security on' END,
           CASE WHEN relforcerowsecurity THEN 'row security forced' END,
           CASE WHEN relkind IN ('r', 'p', 'm') THEN CASE relreplident WHEN 'n' THEN 'replica identity nothing' WHEN 'f' THEN 'replica identity full' END END,
           CASE WHEN reloftype <> 0 THEN 'of type ' || format_type(reloftype, NULL) END,
           'partitioned by ' || pg_get_partkeydef(oid),
           (SELECT CASE WHEN rel.relispartition THEN 'partition of ' ELSE 'inherits ' END
                   || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
            FROM pg_inherits WHERE inhrelid = rel.oid),
           pg_get_expr(relpartbound, oid),
           (SELECT concat_ws(' ', 'server', quote_ident(srvname), ftoptions::text)
            FROM pg_foreign_table JOIN pg_foreign_server s ON s.oid = ftserver WHERE ftrelid = rel.oid),
           CASE WHEN relkind = 'm' AND NOT relispopulated THEN 'not populated' END,
           CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END
       )
FROM rel
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'sequence', name, '',
       concat_ws(
           ' ',
           CASE relpersistence WHEN 'u' THEN 'unlogged' END,
           format_type(seqtypid, NULL), 'start', seqstart, 'increment', seqincrement,
           'minimum', seqmin, 'maximum', seqmax, 'cache', seqcache, CASE WHEN seqcycle THEN 'cycle' END,
           (SELECT format('owned by %s.%I', refobjid::regclass, attname)
            FROM pg_depend JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
            WHERE classid = 'pg_class'::regclass AND objid = rel.oid AND refclassid = 'pg_class'::regclass
              AND deptype IN ('a', 'i'))
       )
FROM rel
JOIN pg_sequence ON seqrelid = rel.oid
