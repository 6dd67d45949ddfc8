SELECT 'publication', quote_ident(pubname), '',
       concat_ws(
           ' ',
           (to_jsonb(p) - '{oid,pubname,pubowner}'::text[])::text,
           CASE WHEN NOT puballtables THEN
               (SELECT jsonb_agg(to_jsonb(t) - 'pubname' ORDER BY schemaname, tablename)::text
                FROM pg_publication_tables t WHERE t.pubname = p.pubname) END
       )
FROM pg_publication p
WHERE (p.tableoid, p.oid) NOT IN (TABLE ext)
UNION ALL
-- pg_dump restores a subscription disabled, and its connection string may hold a password: neither is compared.
SELECT 'subscription', quote_ident(subname), '', concat_ws(' ', subslotname, subpublications::text)
FROM pg_subscription
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT 'foreign data wrapper', quote_ident(fdwname), '', concat_ws(' ', fdwhandler::regproc, fdwvalidator::regproc, fdwoptions::text)
FROM pg_foreign_data_wrapper w
WHERE (w.tableoid, w.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'foreign server', quote_ident(srvname), '', concat_ws(' ', quote_ident(fdwname), srvtype, srvversion, srvoptions::text)
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = srvfdw
WHERE (s.tableoid, s.oid) NOT IN (TABLE ext)
UNION ALL
-- Its options hold passwords: names are shown, values only as a checksum.
SELECT 'user mapping', format('%s on server %I', CASE umuser WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(umuser)) END, srvname),
       quote_ident(srvname),
       (SELECT string_agg(split_part(o, '=', 1), ', ' ORDER BY o) || ' #' || hashtextextended(string_agg(o, chr(10) ORDER BY o), 1)
        FROM unnest(umoptions) o)
FROM pg_user_mapping
JOIN pg_foreign_server s ON s.oid = umserver
