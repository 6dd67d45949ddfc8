#!/bin/sh
# A docker for tests: five services of one project, as `docker compose up` leaves them. Changed by files beside the
# gateway: `refused` makes it answer as it does to a user without permission, `services` names other ones, `alone`
# containers that Compose has not started, and with `replaced` one is gone when it is first asked for.
here=$(pwd -P)
services=$(cat "$here/services" 2>/dev/null || echo nginx api worker postgres redis)
alone=$(cat "$here/alone" 2>/dev/null || true)
[ ! -e "$here/refused" ] || { echo 'permission denied while trying to connect to the Docker daemon socket' >&2; exit 1; }
case $1 in
ps)
    shown=$services
    case $* in *name=*) shown=$alone ;; esac
    for name in $shown; do
        case $* in *name=*"?$name\$"*) ;; *name=*) continue ;; esac
        status='Up 2 hours (healthy)'
        [ ! -e "$here/stopped-$name" ] || status='Exited (1) 3 minutes ago'
        printf 'id-%s\t%s\t%s\n' "$name" "$name" "$status"
    done ;;
inspect)
    if [ -e "$here/replaced" ]; then
        rm "$here/replaced"
        echo 'Error response from daemon: No such container: id-api' >&2
        exit 1
    fi
    first='['
    for id in "$@"; do
        case $id in id-*) name=${id#id-} ;; *) continue ;; esac
        state='"Status":"running","Health":{"Status":"healthy"}' mounts=''
        [ ! -e "$here/stopped-$name" ] || state='"Status":"exited"'
        [ $name != postgres ] || mounts='{"Type":"volume","Source":"/nowhere/at/all","Destination":"/data","RW":true}'
        printf '%s{"Id":"id-%s","State":{%s},"RestartCount":3,"Mounts":[%s],' "$first" "$name" "$state" "$mounts"
        first=','
        case " $alone " in *" $name "*) printf '"Name":"/%s","Config":{"Labels":null}}' "$name"; continue ;; esac
        printf '"Name":"/gw-%s-1","Config":{"Labels":{' "$name"
        printf '"com.docker.compose.service":"%s","com.docker.compose.project":"gw",' "$name"
        printf '"com.docker.compose.project.working_dir":"%s"}}}' "$here"
    done
    echo ']' ;;
logs) for number in 1 2 3; do echo "$4 said $number"; done; echo "$4 complained" >&2 ;;
exec)
    [ "$4" = -P ] || exit 1
    printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\n'
    case $5 in
    -k) echo '/dev/vdb 1000 750 250 75% /data' ;;
    -i) echo '/dev/vdb 200 20 180 10% /data' ;;
    esac ;;
*) echo "docker: '$1' is not a command" >&2; exit 1 ;;
esac
