# Debian's package tools, shared by engine.sh and images/debian/build.sh. To be sourced, not run.

say() { printf 'lab: %s\n' "$*" >&2; }
fail() { printf 'lab: %s\n' "$*" >&2; exit 1; }

is_debian() { [ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}")" = debian ]; }

# Installs packages. Updates the lists only if they are missing or stale: the first attempt without them fails immediately.
# `update` may complain about a third party's source; whether the packages can be had is what counts.
apt_install() {
  local options=(-y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0)
  say "installing Debian packages: $*"
  DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install "${options[@]}" "$@" >/dev/null 2>&1 </dev/null && return
  apt-get update -qq -o DPkg::Lock::Timeout=120 >/dev/null 2>&1 </dev/null || true
  DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install "${options[@]}" "$@" >/dev/null </dev/null
}

# debian_uri SUITE_REGEX DEFAULT: the address this machine's apt uses for such a suite, in either format of source files.
debian_uri() {
  local uri
  uri=$(
    shopt -s nullglob
    for file in /etc/apt/sources.list.d/*.sources; do
      awk -v RS= -v want="$1" '{
        uri = ""; hit = 0; lines = split($0, line, "\n")
        for (i = 1; i <= lines; i++) {
          words = split(line[i], word, /[ \t]+/)
          if (tolower(word[1]) == "uris:") uri = word[2]
          if (tolower(word[1]) == "suites:") for (j = 2; j <= words; j++) if (word[j] ~ want) hit = 1
        }
        if (hit && uri ~ /^https?:/) print uri
      }' "$file"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
      [ -f "$file" ] && sed -n 's/\[[^]]*\]//; s/^deb[ \t]\+//p' "$file" | awk -v want="$1" '$1 ~ /^https?:/ && $2 ~ want { print $1 }'
    done
  )
  uri=${uri%%$'\n'*}
  echo "${uri:-$2}"
}

debian_mirror() { debian_uri "^$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")\$" http://deb.debian.org/debian; }
debian_security_mirror() { debian_uri -security'$' http://deb.debian.org/debian-security; }
