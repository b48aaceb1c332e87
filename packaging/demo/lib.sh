# demo/lib.sh: what packaging/quickstart says, runs and clears away.
# shellcheck shell=bash disable=SC2034

# ---- what it says ----

tty=no
[ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && tty=yes
bold='' plain=''
if [ "$tty" = yes ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\033[1m' plain=$'\033[0m'
fi
number=0

# step TITLE WORDS: a heading, and what to look at.
step() {
    number=$((number + 1))
    printf '\n%s%d. %s%s\n%s\n' "$bold" "$number" "$1" "$plain" "$2"
}

fail() {
    printf '\nquickstart: %s\n' "$*" >&2
    exit 1
}

# A command line as one would type it.
typed() {
    local word line="$" behind=
    if [ "$1" = -b ]; then # it runs on behind the story
        behind=' &'
        shift
    fi
    for word in "$@"; do
        if [[ ! $word =~ ^[A-Za-z0-9_./:=@,+-]+$ ]]; then
            word="'${word//\'/\'\\\'\'}'"
        fi
        line+=" $word"
    done
    printf '\n%s%s%s\n' "$bold" "$line$behind" "$plain"
}

# bar DONE ALL WORDS: drawn over itself; nothing without a terminal.
bar() {
    [ "$tty" = yes ] || return 0
    local width=30 full
    full=$((width * $1 / $2))
    printf '\r  [%s%s] %d of %d s, %s ' \
        "$(printf '%*s' "$full" '' | tr ' ' '#')" \
        "$(printf '%*s' $((width - full)) '' | tr ' ' '.')" "$1" "$2" "$3"
}

# ---- what it runs ----

# run COMMAND...: show the line, run it, show its output and keep it in $said.
# It must end well.
run() {
    ends 0 "$@"
}

# ends CODE COMMAND...: the same, and it must end with this exit code.
ends() {
    local wanted=$1 code=0
    shift
    typed "$@"
    "$@" >said 2>&1 </dev/null || code=$?
    sed 's/^/  /' said
    [ "$code" -eq "$wanted" ] ||
        fail "this ended with exit code $code, not $wanted"
    [ "$wanted" -eq 0 ] || printf '  (exit code %d)\n' "$code"
}

# field NAME: the first text or number of that name in what was said.
field() {
    local value
    value=$(grep -o "\"$1\": *\(\"[^\"]*\"\|[0-9.]*\)" said | head -n 1 |
        sed 's/^"[^"]*": *//; s/^"//; s/"$//')
    [ -n "$value" ] || fail "no \"$1\" in the answer"
    printf '%s\n' "$value"
}

# The first ULID in what was said.
first_id() {
    grep -oE '[0-9A-HJKMNP-TV-Z]{26}' said | head -n 1 ||
        fail "no id in the answer"
}

# until_true SECONDS COMMAND...: try it until it succeeds.
until_true() {
    local left=$(($1 * 5))
    shift
    until "$@"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 0.2
    done
}

lines_of() {
    wc -l <"$1"
}

has_lines() {
    [ "$(lines_of "$1")" -ge "$2" ]
}

# ---- what it clears away ----

processes=()

# stop ID...: ask, wait five seconds, then insist.
stop() {
    local id
    for id in "$@"; do
        kill "$id" 2>/dev/null || continue
        kill -CONT "$id" 2>/dev/null || :
        until_true 5 gone "$id" || kill -KILL "$id" 2>/dev/null || :
        wait "$id" 2>/dev/null || :
    done
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}
