#!/usr/bin/env bash
# Usage: ./scripts/restore-redis.sh FILE       (./redis-backups/redis-backup-YYYYMMDD-HHMMSS.tar.gz)
# Checks the backup, stops Redis, moves its files aside, gives it those of the backup, starts it and sees that the keys
# came back. When anything fails the files that were there return to their place. The worker should be stopped.
# A server with `appendonly yes` ignores dump.rdb: the backup is given to it as the base of a new append-only file.
# Environment: REDIS_DATA_DIR (./redis-data), REDIS_HOST, REDIS_PORT, REDIS_PASSWORD; RESTORE_TIMEOUT_SECONDS (600),
# START_TIMEOUT_SECONDS (30).
set -euo pipefail
umask 077
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
LOG_FILE="${LOG_FILE:-/var/log/email-gateway-backup.log}"

[[ $# -eq 1 ]] || die "uso: $0 ARQUIVO.tar.gz"
FILE=$1
HOST="${REDIS_HOST:-localhost}" PORT="${REDIS_PORT:-6379}" DATA="${REDIS_DATA_DIR:-./redis-data}"
LIMIT="${RESTORE_TIMEOUT_SECONDS:-600}" START_LIMIT="${START_TIMEOUT_SECONDS:-30}"
use_password ""
need redis-cli tar gzip flock timeout sha256sum awk od
COMPOSE=(docker-compose)
command -v docker-compose >/dev/null || COMPOSE=(docker compose)
compose() { timeout --kill-after=10 120 "${COMPOSE[@]}" "$@" </dev/null 9>&-; }

[[ -f $FILE && -r $FILE ]] ||
    die "não encontro ou não posso ler o backup '$FILE'; os que existem: $(echo redis-backups/*.tar.gz)"
mkdir -p -- "$DATA"
[[ $EUID -eq 0 || $EUID -eq "$(stat -c %u "$DATA")" ]] ||
    die "execute como root ou como o dono de $DATA: o Redis não poderia ler os arquivos de outro. Nada foi alterado."
mkdir -p redis-backups
hold_lock redis-backups/.restore-redis.lock
rm -rf -- "$DATA"/.restore-redis.??????
WORK="$(mktemp -d "$DATA/.restore-redis.XXXXXX")" || die "não consigo escrever em $DATA."
ASIDE=''     # where the files that are there are moved to
STAGE=before # before, installed, done: what has to be undone
clean_up() {
    rm -rf -- "$WORK"
    [[ $STAGE != before || -z $ASIDE ]] || rmdir -- "$ASIDE"
    [[ $STAGE != installed ]] || put_back
}
on_exit clean_up

verify_file() {
    local entries name
    gzip -t -- "$FILE" 2>/dev/null || die "$FILE está danificado; use outro backup. Nada foi alterado."
    entries="$(tar -tzf "$FILE")" || die "$FILE não é um arquivo tar; use outro backup. Nada foi alterado."
    name="$(grep -xE 'redis-backup-[0-9]{8}-[0-9]{6}/dump\.rdb' <<<"$entries" || true)"
    [[ -n $name && $name != *$'\n'* ]] || die "$FILE não contém um redis-backup-…/dump.rdb; use outro backup. Nada foi alterado."
    # To standard output: no name in the archive decides where anything is written.
    tar -xzOf "$FILE" "$name" >"$WORK/dump.rdb" || die "não consegui extrair o backup em $DATA (disco cheio?). Nada foi alterado."
    is_whole_rdb "$WORK/dump.rdb" || die "o RDB em $FILE não está completo; use outro backup. Nada foi alterado."
    KEYS=0
    if tar -xzOf "$FILE" "${name%dump.rdb}manifest.json" >"$WORK/manifest.json" 2>/dev/null; then
        [[ "$(sha256 "$WORK/dump.rdb")" == "$(field "$WORK/manifest.json" sha256)" ]] ||
            die "o RDB em $FILE não é o que foi salvo (SHA-256 difere); use outro backup. Nada foi alterado."
        KEYS="$(field "$WORK/manifest.json" keys)"
    fi
}

stop_server() {
    compose stop redis || die "não consegui parar o Redis. Nada foi alterado."
    [[ "$(redis PING 2>/dev/null || true)" != PONG ]] ||
        die "o Redis em $HOST:$PORT ainda responde depois de 'docker-compose stop redis'. Nada foi alterado."
}

# Files of the server: its RDB, its append-only files of Redis 7 and of before.
server_files() {
    local path
    for path in "$DATA"/*.rdb "$DATA"/appendonlydir "$DATA"/*.aof; do
        [[ ! -e $path ]] || printf '%s\0' "$path"
    done
}

install_files() {
    STAGE=installed
    server_files | xargs -0 -r mv -t "$ASIDE" --
    mkdir "$DATA/appendonlydir"
    cp -- "$WORK/dump.rdb" "$DATA/appendonlydir/appendonly.aof.1.base.rdb"
    printf 'file appendonly.aof.1.base.rdb seq 1 type b\n' >"$DATA/appendonlydir/appendonly.aof.manifest"
    mv -- "$WORK/dump.rdb" "$DATA/dump.rdb"
    chown -R --reference="$DATA" "$DATA/appendonlydir" "$DATA/dump.rdb"
    sync "$DATA/dump.rdb" "$DATA/appendonlydir/appendonly.aof.1.base.rdb"
}

put_back() {
    say "desfaço: os arquivos anteriores voltam a $DATA." >&2
    compose stop redis || true
    server_files | xargs -0 -r rm -rf --
    find "$ASIDE" -mindepth 1 -maxdepth 1 -exec mv -t "$DATA" -- {} +
    rmdir "$ASIDE"
    compose start redis || say "AVISO: o Redis não voltou a iniciar; veja 'docker-compose logs redis'." >&2
}

# Compose 2 leaves out what does not run, unless asked for all; Compose 1 shows it.
has_ended() {
    [[ "$(compose ps -a redis 2>/dev/null || compose ps redis 2>/dev/null)" =~ Exit|Restarting ]]
}

# The keys are there, not merely the server: with an append-only file it comes up empty just as happily.
await_keys() {
    local deadline=$((SECONDS + LIMIT)) silence=$((SECONDS + START_LIMIT)) found looks=0
    until found="$(redis PING 2>&1 || true)" && [[ $found == PONG ]]; do
        # A server that reads its files says LOADING; one that does not take them says nothing, ever.
        [[ $found != *LOADING* ]] || silence=$((SECONDS + START_LIMIT))
        ((SECONDS < deadline && SECONDS < silence)) ||
            die "o Redis não aceitou os arquivos do backup ou não iniciou ($found); veja 'docker-compose logs redis'."
        # Nor does it have to be waited for when it has ended.
        ((++looks % 10)) || ! has_ended || die "o Redis não aceitou os arquivos do backup e terminou; veja 'docker-compose logs redis'."
        sleep 0.1
    done
    found="$(redis DBSIZE)"
    [[ $found =~ ^[0-9]+$ ]] || die "o Redis não diz quantas chaves tem: $found"
    ((found > 0 || KEYS == 0)) || die "o Redis iniciou vazio, e o backup tem cerca de $KEYS chaves."
    say "restaurado: $found chaves (no backup, cerca de $KEYS; as que venceram desde então não voltam)."
}

verify_file
say "backup conferido; paro o Redis e troco os arquivos em $DATA."
# Two restores of one second have a folder each, and what can fail for want of space fails while Redis runs.
ASIDE="$(mktemp -d "$DATA/before-restore-$(stamp)-XXXXXX")" || die "não consigo escrever em $DATA. Nada foi alterado."
stop_server
install_files
compose start redis || die "o Redis não iniciou com os arquivos do backup; veja 'docker-compose logs redis'."
await_keys
STAGE="done"
say "os arquivos anteriores estão em $ASIDE; apague-os quando tudo estiver bem."
