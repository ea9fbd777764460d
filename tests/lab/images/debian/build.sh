#!/usr/bin/env bash
# Makes debian:bookworm-slim out of Debian's packages: `build.sh LABEL TAG...`.
# Root is needed, a registry is not. What sets Docker's Debian image apart is kept: packages start no services,
# documentation is not unpacked, downloaded packages are not kept.
set -euo pipefail
. "$(dirname "$0")/../../apt.sh"

label=$1
shift
is_debian && [ "$(id -u)" = 0 ] || fail 'debian:bookworm-slim can be made on Debian as root only'
command -v mmdebstrap >/dev/null || apt_install mmdebstrap

# In memory, where there is some, in a mount namespace of its own: a third faster, and nothing is left behind.
if [ -z "${LAB_IN_MEMORY:-}" ] && [ "$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)" -gt 2048 ] && unshare --mount true 2>/dev/null; then
  LAB_IN_MEMORY=1 exec unshare --mount --propagation private bash "$0" "$label" "$@"
fi

work=$(mktemp -d)
trap 'umount "$work" 2>/dev/null || true; rm -rf "$work"' EXIT
if [ -n "${LAB_IN_MEMORY:-}" ]; then mount -t tmpfs -o size=1g none "$work"; fi
export TMPDIR=$work
cat >"$work/debian.sources" <<SOURCES
Types: deb
URIs: $(debian_mirror)
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: $(debian_security_mirror)
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES

options=(--quiet --variant=minbase --mode=root --dpkgopt=force-unsafe-io --aptopt='Acquire::Languages "none"')
for path in doc man info locale groff lintian linda; do options+=(--dpkgopt="path-exclude=/usr/share/$path/*"); done
options+=(--dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-include=/usr/share/locale/locale.alias')
options+=(--skip=chroot/policy-rc.d) # it would take the file below away again
options+=(--customize-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"')
options+=(--customize-hook='echo "DPkg::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true\"; };" >"$1/etc/apt/apt.conf.d/docker-clean"')
options+=(--customize-hook="rm -f \"\$1\"/etc/apt/sources.list.d/* && cp '$work/debian.sources' \"\$1/etc/apt/sources.list.d/\"")

# Tagged only once the whole pipe has succeeded: half an image must not pass for the real one.
id=$(mmdebstrap "${options[@]}" bookworm - "$work/debian.sources" </dev/null \
  | docker import --change 'CMD ["bash"]' --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change "LABEL $label" -)
for tag in "$@"; do docker tag "$id" "$tag"; done
