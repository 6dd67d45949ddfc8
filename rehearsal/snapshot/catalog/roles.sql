SELECT 'role', quote_ident(rolname), '',
       concat_ws(
           ', ',
           CASE WHEN rolcanlogin THEN 'login' END, CASE WHEN rolsuper THEN 'superuser' END,
           CASE WHEN rolcreatedb THEN 'createdb' END, CASE WHEN rolcreaterole THEN 'createrole' END,
           CASE WHEN rolreplication THEN 'replication' END, CASE WHEN rolbypassrls THEN 'bypassrls' END,
           CASE WHEN NOT rolinherit THEN 'noinherit' END,
           'connection limit ' || nullif(rolconnlimit, -1),
           -- The stored form of a password is salted: the same password set again differs.
           CASE WHEN rolpassword IS NULL THEN 'no password' ELSE 'password' END,
           'valid until ' || rolvaliduntil
       )
FROM pg_authid
WHERE rolname !~ '^pg_'
UNION ALL
SELECT 'role membership', format('%I in %I', pg_get_userbyid(member), pg_get_userbyid(roleid)), '',
       string_agg(
           concat_ws(' ', CASE WHEN admin_option THEN 'with admin' END, to_jsonb(m) ->> 'inherit_option', to_jsonb(m) ->> 'set_option',
                     'by', quote_ident(pg_get_userbyid(grantor))),
           '; ' ORDER BY pg_get_userbyid(grantor))
FROM pg_auth_members m
WHERE member >= 16384 OR roleid >= 16384
GROUP BY member, roleid
UNION ALL
SELECT 'tablespace', quote_ident(spcname), '', concat_ws(' ', pg_tablespace_location(oid), spcoptions::text)
FROM pg_tablespace
WHERE oid >= 16384
