#!/bin/bash
# Stand-in for certbot in a drill. It asks no authority: it puts the certificate that the drill has made where certbot
# would put the one that it was given, after looking whether the challenge could be answered, and runs the hooks.
set -u
here=$(cd "$(dirname "$0")" && pwd)
live=/etc/letsencrypt/live
# Where what an authority asks on port 80 arrives.
port=$(cat "$here/port")
printf '%s\n' "$*" >>"$here/asked"
echo "certbot: stand-in of a rehearsal, no authority is asked" >&2

command='' webroot='' name='' dry=''
pre=() deploy=() post=() domains=()
while (($#)); do
    option=$1 value=''
    case $option in
        --*=*) value=${option#*=} option=${option%%=*} ;;
        --pre-hook | --post-hook | --deploy-hook | --renew-hook | -w | --webroot-path | --cert-name | -d | --domain | --domains)
            value=${2-}
            shift
            ;;
    esac
    case $option in
        --pre-hook) pre+=("$value") ;;
        --post-hook) post+=("$value") ;;
        --deploy-hook | --renew-hook) deploy+=("$value") ;;
        -w | --webroot-path) webroot=$value ;;
        --cert-name) name=$value ;;
        -d | --domain | --domains) domains+=("${value%%,*}") ;;
        --dry-run) dry=yes ;;
        renew | certonly | run | certificates | register | install | delete | revoke) command=${command:-$option} ;;
    esac
    shift
done

case $command in
    renew | certonly | run | '') ;;
    *) exit 0 ;;
esac
for hook in "${pre[@]}"; do bash -c "$hook"; done

# What an authority would do: fetch the answer over plain HTTP.
if [[ -n $webroot ]]; then
    folder="$webroot/.well-known/acme-challenge" token="rehearsal-$$"
    mkdir -p "$folder" && printf '%s' "$token" >"$folder/$token"
    found=$(curl -fsSLk --max-time 5 "http://localhost:$port/.well-known/acme-challenge/$token" 2>&1)
    rm -f "$folder/$token"
    if [[ $found != "$token" ]]; then
        echo "certbot: the authority did not find the challenge at http://localhost:$port/.well-known/acme-challenge/: $found" >&2
        exit 1
    fi
fi
if [[ ! -f $here/fullchain.pem ]]; then
    echo "certbot: the authority refused (as the drill wants it)" >&2
    exit 1
fi

lineages=()
if [[ -n $name || ${#domains[@]} -gt 0 ]]; then
    lineages=("${name:-${domains[0]}}")
else
    for path in "$live"/*/; do [[ -d $path ]] && lineages+=("$(basename "$path")"); done
fi
if ((${#lineages[@]} == 0)); then
    echo "No renewals were attempted." >&2
fi
for one in "${lineages[@]}"; do
    [[ -z $dry ]] || continue
    mkdir -p "$live/$one"
    # As certbot has it: cert.pem is the certificate alone, chain.pem the rest, fullchain.pem both.
    sed '/END CERTIFICATE/q' "$here/fullchain.pem" >"$here/cert.pem"
    sed '1,/END CERTIFICATE/d' "$here/fullchain.pem" >"$here/chain.pem"
    for file in cert chain fullchain privkey; do
        install -m "$([[ $file == privkey ]] && echo 600 || echo 644)" "$here/$file.pem" "$live/$one/$file.pem.new"
        mv -f "$live/$one/$file.pem.new" "$live/$one/$file.pem"
    done
    export RENEWED_LINEAGE="$live/$one" RENEWED_DOMAINS="$one"
    for hook in "${deploy[@]}"; do bash -c "$hook"; done
done
for hook in "${post[@]}"; do bash -c "$hook"; done
exit 0
