SELECT 'column',
       format('%s.%I', name, attname),
       name,
       concat_ws(
           ' ',
           -- pg_dump may order the columns of an inheriting table anew: what it adds to its parents comes last.
           CASE WHEN relispartition OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = rel.oid)
                THEN '#' || row_number() OVER (PARTITION BY rel.oid ORDER BY attnum) END,
           format_type(atttypid, atttypmod),
           (SELECT 'collate ' || format('%I.%I', nspname, collname)
            FROM pg_collation l JOIN pg_namespace n ON n.oid = collnamespace
            WHERE l.oid = attcollation AND attcollation <> typcollation),
           CASE WHEN attnotnull THEN 'not null' END,
           CASE attgenerated WHEN 's' THEN 'stored generated' WHEN 'v' THEN 'virtual generated' ELSE
               CASE WHEN adbin IS NOT NULL THEN 'default' END END,
           pg_get_expr(adbin, adrelid),
           CASE attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
           CASE WHEN attstorage <> typstorage THEN format('storage %s', attstorage) END,
           'compression ' || nullif(to_jsonb(a) ->> 'attcompression', ''), -- since 14
           'statistics ' || nullif(attstattarget, -1),
           (SELECT 'with ' || string_agg(o, ', ' ORDER BY o) FROM unnest(attoptions || attfdwoptions) o
            -- What the server notes there for itself, Debian's 17 among them, is no setting and in no dump.
            WHERE o !~ '^pg_')
       )
FROM rel
JOIN pg_attribute a ON attrelid = rel.oid
JOIN pg_type ON pg_type.oid = atttypid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND attnum > 0 AND NOT attisdropped
