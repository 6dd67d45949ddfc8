SELECT 'database', key, '', coalesce(value, 'none')
FROM pg_database d,
     jsonb_each_text(
         to_jsonb(d) - '{oid,datname,datdba,datacl,dattablespace,datfrozenxid,datminmxid,datlastsysoid,datcollversion,dathasloginevt}'::text[]
         || jsonb_build_object(
             'encoding', pg_encoding_to_char(d.encoding),
             'owner', pg_get_userbyid(d.datdba),
             'tablespace', (SELECT spcname FROM pg_tablespace t WHERE t.oid = d.dattablespace)
         )
     )
WHERE d.datname = current_database()
UNION ALL
SELECT CASE WHEN s.setdatabase = 0 THEN 'role setting' ELSE 'database setting' END,
       split_part(setting, '=', 1) || CASE WHEN s.setrole = 0 THEN '' ELSE ' of ' || quote_ident(pg_get_userbyid(s.setrole)) END,
       '',
       substr(setting, strpos(setting, '=') + 1)
FROM pg_db_role_setting s, unnest(s.setconfig) AS setting
WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
UNION ALL
SELECT 'schema', quote_ident(nspname), '', 'schema' FROM ours
UNION ALL
SELECT 'extension', quote_ident(extname), '', format('version %s in schema %I', extversion, nspname)
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
