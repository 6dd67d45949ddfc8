SELECT i.type, i.identity, '', pg_get_functiondef(p.oid)
FROM pg_proc p
JOIN ours ON ours.oid = pronamespace
CROSS JOIN pg_identify_object(p.tableoid, p.oid, 0) i
WHERE prokind <> 'a' AND (p.tableoid, p.oid) NOT IN (TABLE ext)
UNION ALL
SELECT i.type, i.identity, '',
       concat_ws(
           ' ',
           aggkind, 'arguments', aggnumdirectargs, 'returns', format_type(prorettype, NULL), 'parallel', proparallel,
           'transition', aggtransfn::regprocedure, format_type(aggtranstype, NULL), aggtransspace, agginitval,
           'final', aggfinalfn::regproc, aggfinalextra, aggfinalmodify,
           'combine', aggcombinefn::regproc, aggserialfn::regproc, aggdeserialfn::regproc,
           'moving', aggmtransfn::regproc, aggminvtransfn::regproc, aggmfinalfn::regproc, aggmfinalextra, aggmfinalmodify,
           format_type(nullif(aggmtranstype, 0), NULL), aggmtransspace, aggminitval,
           'sort', aggsortop::regoperator
       )
FROM pg_proc p
JOIN pg_aggregate ON aggfnoid = p.oid
JOIN ours ON ours.oid = pronamespace
CROSS JOIN pg_identify_object(p.tableoid, p.oid, 0) i
WHERE (p.tableoid, p.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'operator', i.identity, '',
       concat_ws(
           ' ',
           oprcode::regprocedure, 'returns', format_type(oprresult, NULL), 'commutator', oprcom::regoperator,
           'negator', oprnegate::regoperator, 'restrict', oprrest::regproc, 'join', oprjoin::regproc,
           CASE WHEN oprcanmerge THEN 'merges' END, CASE WHEN oprcanhash THEN 'hashes' END
       )
FROM pg_operator o
JOIN ours ON ours.oid = oprnamespace
CROSS JOIN pg_identify_object(o.tableoid, o.oid, 0) i
-- Without code it is the empty shell of a commutator that was never defined.
WHERE oprcode <> 0 AND (o.tableoid, o.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'cast', i.identity, '', concat_ws(' ', castcontext, castmethod, nullif(castfunc, 0)::regprocedure)
FROM pg_cast c
CROSS JOIN pg_identify_object(c.tableoid, c.oid, 0) i
WHERE c.oid >= 16384 AND (c.tableoid, c.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'transform', i.identity, '', concat_ws(' ', trffromsql::regproc, trftosql::regproc)
FROM pg_transform t
CROSS JOIN pg_identify_object(t.tableoid, t.oid, 0) i
WHERE (t.tableoid, t.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'language', quote_ident(lanname), '',
       concat_ws(' ', CASE WHEN lanpltrusted THEN 'trusted' END, lanplcallfoid::regproc, laninline::regproc, lanvalidator::regproc)
FROM pg_language l
WHERE lanispl AND (l.tableoid, l.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'access method', quote_ident(amname), '', concat_ws(' ', amtype, amhandler)
FROM pg_am a
WHERE a.oid >= 16384 AND (a.tableoid, a.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'operator class', i.identity, '',
       concat_ws(
           ' ',
           format_type(opcintype, NULL), CASE WHEN opcdefault THEN 'default' END,
           'stores ' || format_type(nullif(opckeytype, 0), NULL),
           (pg_identify_object('pg_opfamily'::regclass, opcfamily, 0)).identity
       )
FROM pg_opclass c
JOIN ours ON ours.oid = opcnamespace
CROSS JOIN pg_identify_object(c.tableoid, c.oid, 0) i
WHERE (c.tableoid, c.oid) NOT IN (TABLE ext)
UNION ALL
SELECT 'operator family', i.identity, '',
       concat_ws(
           '; ',
           (SELECT string_agg(concat_ws(' ', amopstrategy, amoppurpose, amopopr::regoperator), ', '
                              ORDER BY amopstrategy, amopopr::regoperator::text)
            FROM pg_amop WHERE amopfamily = f.oid),
           (SELECT string_agg(concat_ws(' ', amprocnum, amproc::regprocedure, amproclefttype::regtype, amprocrighttype::regtype), ', '
                              ORDER BY amprocnum, amproc::regprocedure::text)
            FROM pg_amproc WHERE amprocfamily = f.oid)
       )
FROM pg_opfamily f
JOIN ours ON ours.oid = opfnamespace
CROSS JOIN pg_identify_object(f.tableoid, f.oid, 0) i
WHERE (f.tableoid, f.oid) NOT IN (TABLE ext)
