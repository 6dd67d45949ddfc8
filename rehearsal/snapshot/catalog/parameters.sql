-- from version 15
SELECT 'grants on parameter',
       format('%s to %s', parname, CASE grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(grantee)) END),
       '',
       string_agg(concat_ws(' ', privilege_type, CASE WHEN is_grantable THEN 'with grant option' END), ', ' ORDER BY privilege_type)
FROM pg_parameter_acl, aclexplode(paracl)
GROUP BY parname, grantee
