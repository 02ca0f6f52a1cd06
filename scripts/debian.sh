# Debian's packages for other machines and of other releases, downloaded and unpacked, never installed. Sourced, not run, after common.sh.

# debian_mirror: where this machine's own apt gets Debian from, as apt reads its sources, one-line and deb822; elsewhere
# Debian's own address. Proxies are apt's to know: its configuration holds here too.
debian_mirror() {
    apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null \
        | awk -F'|' '$2 !~ /security/ && ($1 == "Debian" || ($1 == "" && $2 ~ /\/debian\/?$/)) { sub(/\/$/, "", $2); print $2; found = 1; exit }
                     END { if (!found) print "http://deb.debian.org/debian" }'
}

# own_package_lists DIRECTORY ARCHITECTURES RELEASE...: has apt work below DIRECTORY from here on, with lists of these releases, for a machine
# of the first of the ARCHITECTURES (divided by blanks) on which nothing is installed. Nothing of this machine's own apt changes.
own_package_lists() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg directory=$1 architectures=$2 mirror release
    shift 2
    command -v apt-get >/dev/null && [ -e "$keyring" ] || die "this needs apt and Debian's archive keyring ($keyring)"
    chmod 755 "$directory"
    mkdir -p "$directory/lists/partial" "$directory/cache/archives/partial"
    mirror=$(debian_mirror)
    for release in "$@"; do
        echo "deb [arch=${architectures// /,} signed-by=$keyring] $mirror $release main"
    done >"$directory/sources.list"
    cat >"$directory/apt.conf" <<CONFIGURATION
Dir::State::lists "$directory/lists";
Dir::State::status "/dev/null";
Dir::Cache "$directory/cache";
Dir::Etc::sourcelist "$directory/sources.list";
Dir::Etc::sourceparts "-";
APT::Architecture "${architectures%% *}";
APT::Architectures { $(printf '"%s"; ' $architectures)};
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "10";
APT::Update::Error-Mode "any";
CONFIGURATION
    export APT_CONFIG=$directory/apt.conf
    say "reading the package lists of $*"
    apt-get update -qq >/dev/null 2>&1 || die "Debian's package lists cannot be read from here"
}
