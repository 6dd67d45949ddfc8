SELECT 'trigger', format('%I on %s', tgname, name), name,
       CASE tgenabled WHEN 'O' THEN '' WHEN 'D' THEN 'disabled: ' WHEN 'R' THEN 'replica: ' ELSE 'always: ' END
       || pg_get_triggerdef(pg_trigger.oid)
FROM pg_trigger
JOIN rel ON rel.oid = tgrelid
WHERE NOT tgisinternal
UNION ALL
SELECT 'rule', format('%I on %s', rulename, name), name,
       CASE ev_enabled WHEN 'O' THEN '' WHEN 'D' THEN 'disabled: ' WHEN 'R' THEN 'replica: ' ELSE 'always: ' END
       || pg_get_ruledef(pg_rewrite.oid)
FROM pg_rewrite
JOIN rel ON rel.oid = ev_class
WHERE rulename <> '_RETURN'
UNION ALL
SELECT 'policy', format('%I on %s', polname, name), name,
       concat_ws(
           ' ',
           CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END,
           CASE polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
           'to', (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(r)) END, ', '
                                    ORDER BY pg_get_userbyid(r))
                  FROM unnest(polroles) r),
           'using ' || pg_get_expr(polqual, polrelid),
           'with check ' || pg_get_expr(polwithcheck, polrelid)
       )
FROM pg_policy
JOIN rel ON rel.oid = polrelid
UNION ALL
SELECT 'event trigger', quote_ident(evtname), '',
       concat_ws(' ', evtenabled, evtevent, evtfoid::regprocedure, evttags::text)
FROM pg_event_trigger e
WHERE (e.tableoid, e.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'statistics', format('%I.%I', ours.nspname, stxname), stxrelid::regclass::text,
       concat_ws(' ', pg_get_statisticsobjdef(s.oid), to_jsonb(s) ->> 'stxstattarget')
FROM pg_statistic_ext s
JOIN ours ON ours.oid = stxnamespace
