SELECT CASE typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'type' END,
       format('%I.%I', ours.nspname, typname),
       '',
       concat_ws(
           ' ',
           (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
           format_type(nullif(typbasetype, 0), typtypmod),
           'collate ' || nullif(typcollation, 0)::regcollation,
           CASE WHEN typnotnull THEN 'not null' END,
           'default ' || coalesce(pg_get_expr(typdefaultbin, 0), typdefault),
           (SELECT concat_ws(
                       ' ',
                       format_type(rngsubtype, NULL), nullif(rngcollation, 0)::regcollation,
                       (pg_identify_object('pg_opclass'::regclass, rngsubopc, 0)).identity,
                       rngcanonical, rngsubdiff,
                       format_type((to_jsonb(r) ->> 'rngmultitypid')::oid, NULL)) -- since 14
            FROM pg_range r WHERE rngtypid = t.oid),
           CASE WHEN typtype = 'b' THEN concat_ws(
               ' ', typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typlen, typbyval,
               typcategory, typispreferred, typdelim, typalign, typstorage) END
       )
FROM pg_type t
JOIN ours ON ours.oid = typnamespace
-- Row types stand with their tables; array types and multiranges come with their elements.
WHERE typtype IN ('b', 'd', 'e', 'r') AND typcategory <> 'A' AND (t.tableoid, t.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'collation', i.identity, '', (to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion,collencoding}'::text[])::text
FROM pg_collation c
JOIN ours ON ours.oid = collnamespace
CROSS JOIN pg_identify_object(c.tableoid, c.oid, 0) i
WHERE (c.tableoid, c.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'conversion', i.identity, '',
       concat_ws(' ', pg_encoding_to_char(conforencoding), pg_encoding_to_char(contoencoding), conproc, CASE WHEN condefault THEN 'default' END)
FROM pg_conversion c
JOIN ours ON ours.oid = connamespace
CROSS JOIN pg_identify_object(c.tableoid, c.oid, 0) i
WHERE (c.tableoid, c.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'text search configuration', i.identity, '',
       (SELECT string_agg(format('%s: %s', maptokentype, dictionaries), '; ' ORDER BY maptokentype)
        FROM (SELECT maptokentype, string_agg(mapdict::regdictionary::text, ', ' ORDER BY mapseqno) AS dictionaries
              FROM pg_ts_config_map WHERE mapcfg = c.oid GROUP BY maptokentype) m)
FROM pg_ts_config c
JOIN ours ON ours.oid = cfgnamespace
CROSS JOIN pg_identify_object(c.tableoid, c.oid, 0) i
WHERE (c.tableoid, c.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'text search dictionary', i.identity, '',
       concat_ws(' ', (pg_identify_object('pg_ts_template'::regclass, dicttemplate, 0)).identity, dictinitoption)
FROM pg_ts_dict d
JOIN ours ON ours.oid = dictnamespace
CROSS JOIN pg_identify_object(d.tableoid, d.oid, 0) i
WHERE (d.tableoid, d.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'text search template', i.identity, '', concat_ws(' ', tmplinit, tmpllexize)
FROM pg_ts_template t
JOIN ours ON ours.oid = tmplnamespace
CROSS JOIN pg_identify_object(t.tableoid, t.oid, 0) i
WHERE (t.tableoid, t.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'text search parser', i.identity, '', concat_ws(' ', prsstart, prstoken, prsend, prsheadline, prslextype)
FROM pg_ts_parser p
JOIN ours ON ours.oid = prsnamespace
CROSS JOIN pg_identify_object(p.tableoid, p.oid, 0) i
WHERE (p.tableoid, p.oid) NOT IN (TABLE ext)
