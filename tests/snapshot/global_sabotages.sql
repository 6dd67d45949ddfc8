-- As sabotages.sql, of what belongs to the server or to the database as a whole. A line `-- undo` parts off what undoes it.

-- role lost => role snapshot_extra

CREATE ROLE snapshot_extra;
-- undo
DROP ROLE snapshot_extra;

-- role may log in => role snapshot_app
ALTER ROLE snapshot_app LOGIN;
-- undo
ALTER ROLE snapshot_app NOLOGIN;

-- role without password => role snapshot_app
ALTER ROLE snapshot_app PASSWORD 'x';
-- undo
ALTER ROLE snapshot_app PASSWORD NULL;

-- role setting => role setting work_mem of snapshot_app
ALTER ROLE snapshot_app SET work_mem = '9MB';
-- undo
ALTER ROLE snapshot_app SET work_mem = '8MB';

-- membership => role membership snapshot_member in snapshot_app
REVOKE snapshot_app FROM snapshot_member;
-- undo
GRANT snapshot_app TO snapshot_member;

-- setting of the database => database setting work_mem
ALTER DATABASE with_globals SET work_mem = '7MB';
-- undo
ALTER DATABASE with_globals RESET work_mem;

-- limit of the database => database datconnlimit
ALTER DATABASE with_globals CONNECTION LIMIT 5;
-- undo
ALTER DATABASE with_globals CONNECTION LIMIT -1;

-- comment on the database => comment on database
COMMENT ON DATABASE with_globals IS 'x';
-- undo
COMMENT ON DATABASE with_globals IS NULL;

-- grant on the database => grants on database to snapshot_app
GRANT CREATE ON DATABASE with_globals TO snapshot_app;
-- undo
REVOKE CREATE ON DATABASE with_globals FROM snapshot_app;
