#!/bin/sh
# Starts the server as the user redis, as the official image does.
set -eu
if [ "$1" = redis-server ] && [ "$(id -u)" -eq 0 ]; then
    find . \! -user redis -exec chown redis:redis '{}' +
    exec setpriv --reuid=redis --regid=redis --init-groups "$@"
fi
exec "$@"
