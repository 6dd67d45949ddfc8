#!/usr/bin/env bash
# Usage: ./scripts/backup-redis.sh HOST PORT PASSWORD DIR DAYS       (localhost 6379 "" ./redis-backups 7)
# Has the server save its RDB, sees that it did, and packs it into DIR/redis-backup-YYYYMMDD-HHMMSS.tar.gz (UTC); deletes
# backups older than DAYS. The name is given last, to a file that was read back and is whole.
# An empty PASSWORD is taken from REDIS_PASSWORD or REDISCLI_AUTH: better, since arguments can be read by everybody here.
# Environment: REDIS_DATA_DIR (./redis-data), what the server sees as /data; BACKUP_TIMEOUT_SECONDS (600).
set -euo pipefail
umask 077
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/common.sh
. "$HERE/common.sh"
LOG_FILE="${LOG_FILE:-/var/log/email-gateway-backup.log}"

[[ $# -eq 5 ]] || die "uso: $0 HOST PORTA SENHA DIRETÓRIO DIAS (senha vazia \"\": vem de REDIS_PASSWORD)"
HOST=$1 PORT=$2 DIR=${4%/} DAYS=$5
check_days "$DAYS"
[[ -n $DIR ]] || die "falta o diretório dos backups."
use_password "$3"
DATA="${REDIS_DATA_DIR:-./redis-data}"
LIMIT="${BACKUP_TIMEOUT_SECONDS:-600}"
need redis-cli tar gzip flock timeout sha256sum awk od

mkdir -p -- "$DIR" || die "não consigo criar o diretório $DIR."
hold_lock "$DIR/.backup-redis.lock"
rm -rf -- "$DIR"/.backup-redis.?????? # left by a run that was killed; ours is the only one now
WORK="$(mktemp -d "$DIR/.backup-redis.XXXXXX")" || die "não consigo escrever em $DIR."
clean_up() { rm -rf -- "$WORK"; }
on_exit clean_up

# number NAME: one figure of INFO persistence.
persistence() {
    redis INFO persistence | tr -d '\r' | sed -n "s/^$1://p"
}

await_save() {
    local deadline=$((SECONDS + LIMIT))
    while [[ "$(persistence rdb_bgsave_in_progress)" != 0 ]]; do
        ((SECONDS < deadline)) || die "o Redis não terminou de salvar em $LIMIT s."
        sleep 0.1
    done
}

# The server's clock, in whole seconds.
server_time() {
    redis TIME | head -n 1
}

save() {
    local reply deadline=$((SECONDS + LIMIT))
    await_save
    BEFORE="$(redis LASTSAVE)"
    # LASTSAVE counts seconds: a save within the same second would not be seen to advance.
    while (("$(server_time)" <= BEFORE)); do sleep 0.1; done
    STARTED="$(server_time)"
    until reply="$(redis BGSAVE)" && [[ $reply == "Background saving started" ]]; do
        [[ $reply == *"in progress"* || $reply == *"right now"* ]] || die "o Redis recusou BGSAVE: $reply"
        ((SECONDS < deadline)) || die "o Redis está há $LIMIT s ocupado com outro salvamento: $reply"
        sleep 0.5
    done
    await_save
    [[ "$(persistence rdb_last_bgsave_status)" == ok ]] ||
        die "o Redis não conseguiu salvar (rdb_last_bgsave_status); veja 'docker-compose logs redis' e o espaço em disco."
    (("$(redis LASTSAVE)" > BEFORE)) || die "LASTSAVE não avançou: o Redis não salvou."
}

# The very file that was saved now, not one that an older server left in a folder of that name.
take_rdb() {
    local name
    name="$(redis CONFIG GET dbfilename | tail -n 1)"
    [[ $name =~ ^[A-Za-z0-9._-]+$ ]] || die "o Redis não disse como se chama o seu RDB (CONFIG GET dbfilename: $name)."
    [[ -r $DATA/$name ]] || die "não posso ler $DATA/$name; REDIS_DATA_DIR deve ser a pasta que o Redis vê como /data."
    mkdir "$WORK/$1"
    cp -- "$DATA/$name" "$WORK/$1/dump.rdb"
    (("$(stat -c %Y "$DATA/$name")" >= STARTED - 1)) ||
        die "$DATA/$name é mais velho que este salvamento; REDIS_DATA_DIR deve ser a pasta que o Redis vê como /data."
    is_whole_rdb "$WORK/$1/dump.rdb" || die "$DATA/$name não é um RDB completo com soma de verificação (rdbchecksum yes)."
}

pack() {
    local name=$1
    printf '{\n  "sha256": "%s",\n  "bytes": %s,\n  "keys": %s,\n  "server_version": "%s",\n  "created": "%s"\n}\n' \
        "$(sha256 "$WORK/$name/dump.rdb")" "$(stat -c %s "$WORK/$name/dump.rdb")" "$KEYS" \
        "$(redis INFO server | tr -d '\r' | sed -n 's/^\(redis\|valkey\)_version://p' | tail -n 1)" \
        "$(date -u -d "@$STARTED" +%Y-%m-%dT%H:%M:%SZ)" >"$WORK/$name/manifest.json"
    tar -C "$WORK" -cf - "$name/dump.rdb" "$name/manifest.json" | gzip -1 >"$WORK/$name.tar.gz" || return 1
    [[ "$(tar -xzOf "$WORK/$name.tar.gz" "$name/dump.rdb" | sha256sum)" == "$(sha256sum <"$WORK/$name/dump.rdb")" ]]
}

reply="$(redis PING 2>&1)" || reply="sem resposta. $reply"
[[ $reply == PONG ]] || die "o Redis em $HOST:$PORT não respondeu PONG: $reply"
save
KEYS="$(redis DBSIZE)"
until NAME="redis-backup-$(stamp)" && [[ ! -e $DIR/$NAME.tar.gz ]]; do sleep 0.2; done
take_rdb "$NAME"
pack "$NAME" || die "a gravação em $DIR falhou (disco cheio?); nenhum backup foi criado."
sync "$WORK/$NAME.tar.gz"
mv -- "$WORK/$NAME.tar.gz" "$DIR/$NAME.tar.gz" || die "não consegui dar nome ao backup em $DIR."
say "backup pronto e conferido: $DIR/$NAME.tar.gz ($(human "$(stat -c %s "$DIR/$NAME.tar.gz")"), cerca de $KEYS chaves)"
rotate "$DIR" redis-backup .tar.gz "$DAYS" "$DIR/$NAME.tar.gz" ||
    die "o backup $DIR/$NAME.tar.gz está pronto, mas backups antigos em $DIR não puderam ser apagados."
