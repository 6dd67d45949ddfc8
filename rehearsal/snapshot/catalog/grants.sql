-- Goes on with the WITH of common.sql.
, object (classid, oid, subid, owner, acl, letter) AS (
    SELECT tableoid, oid, 0, relowner, relacl, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char"
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, attnum, relowner, attacl, 'c'
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE attacl IS NOT NULL
    UNION ALL SELECT tableoid, oid, 0, nspowner, nspacl, 'n' FROM pg_namespace
    UNION ALL SELECT tableoid, oid, 0, proowner, proacl, 'f' FROM pg_proc
    UNION ALL
    SELECT t.tableoid, t.oid, 0, typowner, typacl, 'T'
    FROM pg_type t LEFT JOIN pg_class c ON c.oid = typrelid
    WHERE typcategory <> 'A' AND typtype <> 'm' AND (typtype <> 'c' OR relkind = 'c')
    UNION ALL SELECT tableoid, oid, 0, lanowner, lanacl, 'l' FROM pg_language
    UNION ALL SELECT 'pg_largeobject'::regclass, oid, 0, lomowner, lomacl, 'L' FROM pg_largeobject_metadata
    UNION ALL SELECT tableoid, oid, 0, fdwowner, fdwacl, 'F' FROM pg_foreign_data_wrapper
    UNION ALL SELECT tableoid, oid, 0, srvowner, srvacl, 'S' FROM pg_foreign_server
    UNION ALL SELECT tableoid, oid, 0, datdba, datacl, 'd' FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT tableoid, oid, 0, spcowner, spcacl, 't' FROM pg_tablespace
    UNION ALL SELECT tableoid, oid, 0, oprowner, NULL, NULL FROM pg_operator
    UNION ALL SELECT tableoid, oid, 0, opcowner, NULL, NULL FROM pg_opclass
    UNION ALL SELECT tableoid, oid, 0, opfowner, NULL, NULL FROM pg_opfamily
    UNION ALL SELECT tableoid, oid, 0, collowner, NULL, NULL FROM pg_collation
    UNION ALL SELECT tableoid, oid, 0, conowner, NULL, NULL FROM pg_conversion
    UNION ALL SELECT tableoid, oid, 0, dictowner, NULL, NULL FROM pg_ts_dict
    UNION ALL SELECT tableoid, oid, 0, cfgowner, NULL, NULL FROM pg_ts_config
    UNION ALL SELECT tableoid, oid, 0, stxowner, NULL, NULL FROM pg_statistic_ext
    UNION ALL SELECT tableoid, oid, 0, evtowner, NULL, NULL FROM pg_event_trigger
    UNION ALL SELECT tableoid, oid, 0, pubowner, NULL, NULL FROM pg_publication
    UNION ALL SELECT tableoid, oid, 0, extowner, NULL, NULL FROM pg_extension
), chosen AS (
    SELECT o.*
    FROM object o
    LEFT JOIN pg_init_privs p ON p.classoid = classid AND p.objoid = o.oid AND p.objsubid = subid
    WHERE (o.oid >= 16384 OR letter IN ('d', 'L') OR (classid = 'pg_namespace'::regclass AND o.oid = to_regnamespace('public')))
          AND (classid, o.oid) NOT IN (TABLE ext)
       -- Of what belongs to the server or to an extension, only the grants that somebody has changed.
       OR (acl IS NOT NULL AND acl IS DISTINCT FROM initprivs)
), named AS (
    SELECT c.*, i.type, CASE letter WHEN 'd' THEN '' ELSE i.identity END AS identity,
           CASE letter WHEN 'c' THEN (pg_identify_object(classid, c.oid, 0)).identity ELSE i.identity END AS part_of
    FROM chosen c
    CROSS JOIN pg_identify_object(classid, c.oid, subid) i
    WHERE coalesce(i.schema, CASE i.type WHEN 'schema' THEN i.name ELSE 'pg_catalog' END)
          IN (SELECT quote_ident(nspname) FROM ours UNION ALL VALUES ('pg_catalog'))
)
SELECT 'owner of ' || type, identity, part_of, quote_ident(pg_get_userbyid(owner))
FROM named
WHERE subid = 0 AND letter IS DISTINCT FROM 'd' AND oid >= 16384 OR letter = 'L' OR type = 'schema' AND identity = 'public'
UNION ALL
SELECT 'grants on ' || type,
       concat_ws(' ', nullif(identity, ''), 'to', CASE grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(grantee)) END),
       part_of,
       string_agg(
           concat_ws(' ', privilege_type, CASE WHEN is_grantable THEN 'with grant option' END, 'by ' || quote_ident(pg_get_userbyid(grantor))),
           ', ' ORDER BY privilege_type, pg_get_userbyid(grantor))
FROM named, aclexplode(coalesce(acl, acldefault(letter, owner)))
WHERE letter IS NOT NULL
GROUP BY type, identity, part_of, grantee
UNION ALL
SELECT 'default privileges',
       concat_ws(' ', 'of', quote_ident(pg_get_userbyid(defaclrole)), 'in ' || defaclnamespace::regnamespace, 'on', defaclobjtype),
       '',
       coalesce(
           (SELECT string_agg(
                       concat_ws(' ', privilege_type, 'to', CASE grantee WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(grantee)) END,
                                 CASE WHEN is_grantable THEN 'with grant option' END),
                       ', ' ORDER BY privilege_type, pg_get_userbyid(grantee))
            FROM aclexplode(defaclacl)),
           'none')
FROM pg_default_acl
WHERE defaclnamespace = 0 OR defaclnamespace IN (SELECT oid FROM ours)
