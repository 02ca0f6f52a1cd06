# What the scripts at the root share. Sourced, not run; the caller has set -euo pipefail and cd'ed to the root.

# say MESSAGE: progress, on stderr, so that stdout carries only results.
say() { printf '%s\n' "$*" >&2; }

die() { say "${0##*/}: $*"; exit 1; }

# need PACKAGE...: installs the Debian packages that are not there yet. Root installs them; anybody else is told
# what to install and gets status 1.
need() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if ! command -v apt-get >/dev/null; then
        say "this machine has no apt-get; please install: ${missing[*]}"; return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        say "not installed: ${missing[*]}"
        say "please run: sudo apt-get install ${missing[*]}"; return 1
    fi
    say "installing ${missing[*]}"
    local log; log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    if ! apt-get install -y --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1; then
        # The usual cause on a fresh machine is that there are no package lists yet, or old ones.
        if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
            tail -n 15 "$log" >&2; rm -f "$log"
            say "could not install ${missing[*]}"; return 1
        fi
    fi
    rm -f "$log"
}

# newer_than FILE PATH...: whether anything that is source below the PATHs is newer than FILE (or FILE is not there).
newer_than() {
    local file=$1; shift
    [ -e "$file" ] || return 0
    [ -n "$(find "$@" \( -name bin -o -name obj \) -prune -o -newer "$file" -type f -print -quit)" ]
}
