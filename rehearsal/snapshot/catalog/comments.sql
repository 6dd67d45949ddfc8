-- Goes on with the WITH of common.sql.
, said (classid, oid, subid, kind, text) AS (
    SELECT classoid, objoid, objsubid, 'comment', description FROM pg_description
    UNION ALL SELECT classoid, objoid, objsubid, 'security label by ' || provider, label FROM pg_seclabel
    UNION ALL SELECT classoid, objoid, 0, 'comment', description FROM pg_shdescription
    UNION ALL SELECT classoid, objoid, 0, 'security label by ' || provider, label FROM pg_shseclabel
)
, chosen AS MATERIALIZED (
    -- Before names are looked up: the server's own objects have thousands of comments.
    SELECT * FROM said
    WHERE oid >= 16384 OR classid IN ('pg_largeobject'::regclass, 'pg_namespace'::regclass, 'pg_database'::regclass)
)
SELECT kind || ' on ' || i.type,
       CASE WHEN i.type = 'database' THEN '' ELSE i.identity END,
       CASE WHEN subid = 0 THEN i.identity ELSE (pg_identify_object(classid, chosen.oid, 0)).identity END,
       text
FROM chosen
CROSS JOIN pg_identify_object(classid, chosen.oid, subid) i
WHERE (chosen.oid >= 16384 OR i.type = 'large object' OR i.type = 'schema' AND i.name = 'public' OR i.type = 'database')
  AND (i.type <> 'database' OR i.name = quote_ident(current_database()))
  AND (classid, chosen.oid) NOT IN (TABLE ext)
  AND (i.schema IS NULL AND i.type <> 'schema'
       OR coalesce(i.schema, i.name) IN (SELECT quote_ident(nspname) FROM ours))
