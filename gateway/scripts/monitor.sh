# shellcheck shell=bash
# What the monitors share: thresholds from the runbook, verdicts, the exit status. Sourced after common.sh.

ROOT="$(cd "$HERE/.." && pwd)"
RUNBOOK="${RUNBOOK:-$ROOT/RUNBOOK.md}"
WORST=0
STRICT=''
# shellcheck disable=SC2034 # die takes it: what could not be measured is no verdict
DIE_STATUS=3

# monitor_options ARGUMENTS...: --strict gives the exit status 1 for a warning and 2 for a critical value. Without it
# the status is 0 whenever everything could be measured, and 3 when not.
monitor_options() {
    [[ $# -eq 0 || ($# -eq 1 && $1 == --strict) ]] || die "uso: $0 [--strict]"
    STRICT="${1:-}"
}

# threshold METRIC COLUMN: the figure of the runbook's table, as `> 80%` gives 80. COLUMN: 3 warning, 4 critical, 5 action.
threshold() {
    local cell
    cell="$(awk -F '|' -v metric="$1" -v column="$2" '
        { name = $2; gsub(/^[ \t]+|[ \t]+$/, "", name) }
        name == metric { value = $column; gsub(/^[ \t]+|[ \t]+$/, "", value); print value; exit }' "$RUNBOOK")"
    [[ -n $cell ]] || die "a tabela 'Alertas e Thresholds' de $RUNBOOK não tem a métrica '$1'."
    [[ $2 -eq 5 ]] || cell="$(sed -n 's/^> *\([0-9][0-9]*\) *%$/\1/p' <<<"$cell")"
    [[ -n $cell ]] || die "esperava algo como '> 80%' para '$1' na tabela 'Alertas e Thresholds' de $RUNBOOK."
    printf '%s\n' "$cell"
}

# verdict LEVEL TEXT: 0 fine, 1 warning, 2 critical.
verdict() {
    local words=(OK AVISO CRÍTICO)
    say "${words[$1]} $2"
    (($1 <= WORST)) || WORST=$1
}

# against METRIC VALUE WHAT: hold a percentage against the runbook's thresholds for METRIC.
against() {
    local warning critical level=0
    warning="$(threshold "$1" 3)" critical="$(threshold "$1" 4)"
    (($2 <= warning)) || level=1
    (($2 <= critical)) || level=2
    ((level == 0)) || set -- "$1" "$2" "$3; ação: $(threshold "$1" 5)"
    verdict "$level" "$1 $2% (aviso > $warning%, crítico > $critical%): $3"
}

# file_age PATH: seconds since it was written.
file_age() {
    echo $(($(date +%s) - $(stat -c %Y "$1")))
}

finish() {
    [[ -z $STRICT ]] || exit "$WORST"
    exit 0
}
