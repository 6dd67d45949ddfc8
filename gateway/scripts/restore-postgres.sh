#!/usr/bin/env bash
# Usage: ./scripts/restore-postgres.sh FILE       (./backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz)
# Restores a backup into a new database beside the old one, checks it, and only then gives it the old one's name. Until
# that moment nothing is lost; when anything fails the old database is as it was. The services api and worker must be
# stopped: what they write during the restore would be lost.
# Environment: DB_NAME (email_gateway), DB_USER (postgres); RESTORE_TIMEOUT_SECONDS (7200).
set -euo pipefail
umask 077
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
LOG_FILE="${LOG_FILE:-/var/log/email-gateway-backup.log}"

[[ $# -eq 1 ]] || die "uso: $0 ARQUIVO.sql.gz"
FILE=$1
NAME="${DB_NAME:-email_gateway}" USER_NAME="${DB_USER:-postgres}"
FRESH="${NAME}_restoring" OLD="${NAME}_replaced"
LIMIT="${RESTORE_TIMEOUT_SECONDS:-7200}"
need gzip flock timeout sha256sum awk
COMPOSE=(docker-compose)
command -v docker-compose >/dev/null || COMPOSE=(docker compose)

[[ -f $FILE && -r $FILE ]] || die "não encontro ou não posso ler o backup '$FILE'; os que existem: $(echo backups/*.sql.gz)"
mkdir -p backups
hold_lock backups/.restore-postgres.lock
UNFINISHED='' # set while the new database is of no use to anybody
clean_up() {
    [[ -z $UNFINISHED ]] || in_postgres postgres <<<'DROP DATABASE IF EXISTS :"fresh" WITH (FORCE);' 2>/dev/null || true
}
on_exit clean_up

# in_postgres DATABASE OPTIONS...: psql in the container of the server: its version fits, and it needs no password.
in_postgres() {
    local database=$1
    shift
    timeout --kill-after=10 "$LIMIT" "${COMPOSE[@]}" exec -T postgres \
        psql -X -q -A -t -v ON_ERROR_STOP=1 -v name="$NAME" -v fresh="$FRESH" -v old="$OLD" \
        -U "$USER_NAME" -d "$database" "$@" 9>&-
}

verify_file() {
    local manifest="$FILE.manifest"
    if [[ -f $manifest ]]; then
        [[ "$(sha256 "$FILE")" == "$(field "$manifest" sha256)" ]] ||
            die "$FILE não é o arquivo que foi gravado (SHA-256 difere de $manifest); use outro backup. Nada foi alterado."
    else
        say "AVISO: sem $manifest; confiro só a integridade do arquivo, não o número de linhas."
    fi
    is_whole_dump "$FILE" || die "$FILE está danificado ou incompleto; use outro backup. Nada foi alterado."
}

# A dump is hostile input: psql runs what follows a backslash, in the container of the server, as its user. In restricted
# mode it does not, and only who knows the key can end that mode. The key that the dump itself brings is left out.
KEY="$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')"

check_server() {
    in_postgres postgres <<<'SELECT 1' >/dev/null || die "o PostgreSQL não responde; veja 'docker-compose ps postgres'. Nada foi alterado."
    printf '\\restrict %s\n\\unrestrict %s\n' "$KEY" "$KEY" | in_postgres postgres >/dev/null 2>&1 ||
        die "o psql do servidor não conhece \\restrict: atualize o PostgreSQL (16.10, 17.6 ou mais novo). Nada foi alterado."
    local deadline=$((SECONDS + 5)) sessions
    while :; do
        sessions="$(in_postgres postgres <<'SQL'
SELECT count(*) FROM pg_stat_activity WHERE datname = :'name' AND application_name IN ('email-gateway-api', 'email-gateway-worker');
SQL
        )" || die "o PostgreSQL não responde; nada foi alterado."
        [[ $sessions != 0 ]] || return 0
        ((SECONDS < deadline)) || die "api ou worker ainda usam o banco: 'docker-compose stop api worker' primeiro. Nada foi alterado."
        sleep 0.2
    done
}

# The dump without its own \restrict and \unrestrict lines, cut off at the ends: in between every byte is kept.
plain_dump() {
    local own ending line
    own="$(gzip -dc -- "$FILE" 2>/dev/null | head -c 4096 | sed -n 's/^\\restrict \([A-Za-z0-9]\{1,\}\)$/\1/p' | head -n 1 || true)"
    if [[ -z $own ]]; then
        gzip -dc -- "$FILE"
        return
    fi
    ending="\\unrestrict $own"
    gzip -dc -- "$FILE" | {
        while IFS= read -r line && [[ $line != "\\restrict $own" ]]; do printf '%s\n' "$line"; done
        cat
    } | head -c "-$((${#ending} + 2))"
}

create_fresh() {
    local manifest="$FILE.manifest" encoding='' collate='' ctype=''
    if [[ -f $manifest ]]; then
        encoding="$(field "$manifest" encoding)" collate="$(field "$manifest" collate)" ctype="$(field "$manifest" ctype)"
    fi
    in_postgres postgres -v encoding="${encoding:-UTF8}" -v collate="$collate" -v ctype="$ctype" <<'SQL'
SET client_min_messages = warning;
DROP DATABASE IF EXISTS :"fresh" WITH (FORCE);
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L', :'fresh', :'encoding')
    || CASE WHEN :'collate' = '' THEN '' ELSE format(' LC_COLLATE %L LC_CTYPE %L', :'collate', :'ctype') END
    || coalesce((SELECT format(' OWNER %I', pg_get_userbyid(datdba)) FROM pg_database WHERE datname = :'name'), '')
\gexec
SQL
}

load() {
    {
        printf '\\restrict %s\nSET synchronous_commit = off;\n' "$KEY"
        plain_dump
        printf '\n\\unrestrict %s\nRESET ALL;\nANALYZE;\n' "$KEY"
    } | in_postgres "$FRESH" --single-transaction -f - >/dev/null
}

check_fresh() {
    local wanted found
    found="$(in_postgres "$FRESH" <"$HERE/table-rows.sql")" || return 1
    [[ -n $found ]] || { say "o backup não contém nenhuma tabela." >&2; return 1; }
    [[ -f $FILE.manifest ]] || return 0
    wanted="$(sed -n '/^  "rows": {$/,/^  }$/p' "$FILE.manifest" | sed '1d;$d;s/,$//')"
    [[ $found == "$wanted" ]] || { say "linhas por tabela: o manifesto diz"$'\n'"$wanted"$'\n'"e vieram"$'\n'"$found" >&2; return 1; }
}

# Both renames in one transaction. The lock on the old database keeps new sessions waiting while the others are ended.
swap() {
    in_postgres postgres <<'SQL'
SET client_min_messages = warning;
DROP DATABASE IF EXISTS :"old" WITH (FORCE);
BEGIN;
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname IN (:'name', :'fresh') AND pid <> pg_backend_pid() \g /dev/null
SELECT format('ALTER DATABASE %I RENAME TO %I', datname, :'old') FROM pg_database WHERE datname = :'name' \gexec
ALTER DATABASE :"fresh" RENAME TO :"name";
COMMIT;
SQL
}

verify_file
check_server
say "backup conferido; restauro $FILE ao lado do banco $NAME, que fica como está até o fim."
UNFINISHED=yes
create_fresh || die "não consegui criar o banco $FRESH; o banco $NAME está como estava."
load || die "o backup não se deixou restaurar (mensagens acima); o banco $NAME está como estava."
check_fresh || die "o banco restaurado não confere com o backup; o banco $NAME está como estava."
UNFINISHED=''
for attempt in 1 2 3 4 5; do
    if swap; then break; fi
    ((attempt < 5)) || die "sessões em $NAME não terminam; o banco está como estava e o restaurado espera em $FRESH."
    sleep 1
done
say "restaurado: $NAME é agora o que estava em $FILE."
in_postgres postgres <<<'SET client_min_messages = warning; DROP DATABASE IF EXISTS :"old" WITH (FORCE);' ||
    say "AVISO: o banco anterior ficou em $OLD; apague-o quando puder."
