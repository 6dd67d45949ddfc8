#!/bin/bash
# Makes a database on an empty volume and starts the server as the user postgres, by the variables of the official
# image: POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS, PGDATA.
set -euo pipefail

if [[ ${1:-postgres} == -* ]]; then
    set -- postgres "$@"
fi
if [[ $1 != postgres ]]; then
    exec "$@"
fi

if [[ $(id -u) -eq 0 ]]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
fi

role="${POSTGRES_USER:-postgres}"
database="${POSTGRES_DB:-$role}"

if [[ ! -s $PGDATA/PG_VERSION ]]; then
    password="${POSTGRES_PASSWORD:-}"
    [[ -z ${POSTGRES_PASSWORD_FILE:-} ]] || password="$(<"$POSTGRES_PASSWORD_FILE")"
    [[ -n $password ]] || {
        echo "expected POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE for a new database, found neither" >&2
        exit 1
    }
    # shellcheck disable=SC2086 # several arguments
    initdb --username="$role" --pwfile=<(printf '%s\n' "$password") --auth-local=trust --auth-host=scram-sha-256 \
        --encoding=UTF8 --no-sync ${POSTGRES_INITDB_ARGS:-} >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    if [[ $database != postgres ]]; then
        printf 'CREATE DATABASE "%s"\n' "${database//\"/\"\"}" | postgres --single -D "$PGDATA" postgres >/dev/null
    fi
    unset password
fi
unset POSTGRES_PASSWORD
exec "$@" -D "$PGDATA" -c listen_addresses='*'
