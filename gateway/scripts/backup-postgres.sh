#!/usr/bin/env bash
# Usage: ./scripts/backup-postgres.sh KIND DAYS DIR       (daily 7 ./backups)
# Dumps one database to DIR/email-gateway-KIND-YYYYMMDD-HHMMSS.sql.gz (UTC) and writes a manifest beside it; deletes
# backups of the same kind that are older than DAYS. The name is given last, to a file that was read back and is whole.
# Environment: DB_HOST DB_PORT DB_USER DB_NAME DB_PASSWORD; BACKUP_TIMEOUT_SECONDS (3600).
set -euo pipefail
umask 077
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
LOG_FILE="${LOG_FILE:-/var/log/email-gateway-backup.log}"

[[ $# -eq 3 ]] || die "uso: $0 daily|weekly|monthly DIAS DIRETÓRIO"
KIND=$1 DAYS=$2 DIR=${3%/}
[[ $KIND =~ ^(daily|weekly|monthly)$ ]] || die "o tipo de backup é daily, weekly ou monthly; recebi '$KIND'."
check_days "$DAYS"
[[ -n $DIR ]] || die "falta o diretório dos backups."
LIMIT="${BACKUP_TIMEOUT_SECONDS:-3600}"
need psql pg_dump gzip flock timeout sha256sum awk

export PGHOST="${DB_HOST:-localhost}" PGPORT="${DB_PORT:-5432}" PGUSER="${DB_USER:-postgres}"
export PGDATABASE="${DB_NAME:-email_gateway}" PGCONNECT_TIMEOUT=10 PGAPPNAME=backup-postgres
[[ -z ${DB_PASSWORD:-} ]] || export PGPASSWORD="$DB_PASSWORD"

mkdir -p -- "$DIR" || die "não consigo criar o diretório $DIR."
hold_lock "$DIR/.backup-postgres.lock"
rm -rf -- "$DIR"/.backup-postgres.?????? # left by a run that was killed; ours is the only one now
WORK="$(mktemp -d "$DIR/.backup-postgres.XXXXXX")" || die "não consigo escrever em $DIR."
clean_up() { rm -rf -- "$WORK"; }
on_exit clean_up

# A session that keeps its snapshot open: rows are counted in the very state that is dumped.
open_session() {
    mkfifo "$WORK/ask"
    : >"$WORK/answer"
    timeout --kill-after=10 "$LIMIT" psql -X -q -A -t -w -v ON_ERROR_STOP=1 \
        <"$WORK/ask" >"$WORK/answer" 2>"$WORK/complaint" 9>&- &
    SESSION=$!
    exec 5<>"$WORK/ask"
}

# await MARK: wait until the session has answered with the line MARK.
await() {
    local deadline=$((SECONDS + LIMIT))
    until grep -qx -- "$1" "$WORK/answer"; do
        kill -0 "$SESSION" 2>/dev/null ||
            die "o PostgreSQL em $PGHOST:$PGPORT não atendeu: $(tail -n 2 "$WORK/complaint" | tr '\n' ' ')"
        ((SECONDS < deadline)) || die "o PostgreSQL não respondeu em $LIMIT s (esperando $1)."
        sleep 0.02
    done
}

# before MARK: print what the session answered before MARK and after the mark before it.
before() {
    awk -v mark="$1" '$0 == mark { exit } /^@/ { text = ""; next } { text = text $0 "\n" } END { printf "%s", text }' \
        "$WORK/answer"
}

open_session
cat >&5 <<'SQL'
SET statement_timeout = 0;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot();
\echo @snapshot
SELECT format(
    E'  "database": %s,\n  "server_version": %s,\n  "encoding": "%s",\n  "collate": "%s",\n  "ctype": "%s",',
    to_json(datname), to_json(current_setting('server_version')), pg_encoding_to_char(encoding), datcollate, datctype
) FROM pg_database WHERE datname = current_database();
\echo @database
SQL
{
    cat "$HERE/table-rows.sql"
    printf '%s\n' '\echo @rows'
} >&5
await @snapshot

STARTED="$(date -u +%Y-%m-%dT%H:%M:%SZ)"
mkfifo "$WORK/plain"
gzip -3 <"$WORK/plain" >"$WORK/dump.sql.gz" 9>&- 5>&- &
PACKER=$!
limited "$LIMIT" pg_dump --no-password --encoding=UTF8 --lock-wait-timeout=60000 \
    --snapshot="$(before @snapshot)" >"$WORK/plain" 5>&- || die "pg_dump não chegou ao fim; nenhum backup foi criado."
wait "$PACKER" || die "a gravação em $DIR falhou (disco cheio?); nenhum backup foi criado."
await @rows
exec 5>&-
is_whole_dump "$WORK/dump.sql.gz" || die "o arquivo gravado em $DIR não se deixa ler até o fim; nenhum backup foi criado."

place() {
    local name
    until name="email-gateway-$KIND-$(stamp).sql.gz" && [[ ! -e $DIR/$name && ! -e $DIR/$name.manifest ]]; do
        sleep 0.2
    done
    TARGET="$DIR/$name"
    {
        printf '{\n  "file": "%s",\n  "sha256": "%s",\n  "bytes": %s,\n' \
            "$name" "$(sha256 "$WORK/dump.sql.gz")" "$(stat -c %s "$WORK/dump.sql.gz")"
        before @database
        printf '  "created": "%s",\n  "rows": {\n' "$STARTED"
        before @rows | sed '$!s/$/,/'
        printf '  }\n}\n'
    } >"$WORK/manifest"
    sync "$WORK/dump.sql.gz" "$WORK/manifest"
    mv -- "$WORK/manifest" "$TARGET.manifest"
    mv -- "$WORK/dump.sql.gz" "$TARGET" || { rm -f -- "$TARGET.manifest"; return 1; }
}
place || die "não consegui dar nome ao backup em $DIR."
say "backup pronto e conferido: $TARGET ($(human "$(stat -c %s "$TARGET")"), $(before @rows | wc -l) tabelas)"
rotate "$DIR" "email-gateway-$KIND" .sql.gz "$DAYS" "$TARGET" ||
    die "o backup $TARGET está pronto, mas backups antigos em $DIR não puderam ser apagados."
