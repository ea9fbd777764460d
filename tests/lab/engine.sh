#!/usr/bin/env bash
# Makes a Docker Engine with Compose and Buildx answer on a Debian machine. Root and Debian's packages are enough.
# Uses an engine that answers and installs only what is missing. Safe to run at any time.
# The engine and its plugins are Debian 13's packages unpacked under PREFIX, for Debian 12's engine is 20.10 and its
# docker-compose the retired version 1. runc, iptables and tini come from the machine's own Debian.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

PREFIX=${PREFIX:-/opt/docker-lab}
LOG=${LOG:-/var/log/docker-lab.log}
LOCK=/run/docker-lab.lock
PLUGINS=/usr/local/lib/docker/cli-plugins

# Bounded: a client can hang on a socket whose daemon does not answer.
engine_answers() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1 </dev/null; }
has_plugin() { timeout 10 docker "$1" version >/dev/null 2>&1 </dev/null; }
everything_answers() { has_plugin compose && has_plugin buildx && engine_answers; }

machine_allows() {
  [ "${ENVCTL_LAB:-}" != 0 ] || fail 'no Docker Engine with Compose answers, and ENVCTL_LAB=0 forbids installing one'
  is_debian || fail 'no Docker Engine with Compose answers, and one is installed on Debian only'
  [ "$(id -u)" = 0 ] || fail 'no Docker Engine with Compose answers, and only root can install one'
  if [ -n "${DOCKER_HOST:-}" ] && ! engine_answers; then fail "DOCKER_HOST is $DOCKER_HOST, and no engine answers there"; fi
}

# Prefer an installed daemon: a second engine must not use the same /var/lib/docker.
own_dockerd() { command -v dockerd || true; }

install_host_tools() {
  local wanted=() tool
  for tool in runc iptables tini; do command -v "$tool" >/dev/null || wanted+=("$tool"); done
  [ ${#wanted[@]} = 0 ] || apt_install "${wanted[@]}"
}

# Unpacked beside and moved: an interrupted run leaves no half prefix that would pass for a whole one.
unpack_packages() {
  [ ! -x "$PREFIX/usr/sbin/dockerd" ] || return 0
  local mirror work
  say "unpacking Docker Engine, Compose and Buildx (Debian 13's packages) under $PREFIX"
  mirror=$(debian_mirror)
  work=$(mktemp -d)
  trap "rm -rf '$work' '$PREFIX.part'" EXIT
  mkdir -p "$work"/{parts,lists/partial,cache/archives/partial,deb}
  cat >"$work/parts/trixie.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  # Own lists and cache: the machine's own apt never hears of the other release.
  local apt=(apt-get -qq "-oDir::State::Lists=$work/lists" "-oDir::Cache=$work/cache" -oDir::Etc::SourceList=/dev/null
    "-oDir::Etc::SourceParts=$work/parts" -oAPT::Sandbox::User=root -oAcquire::Languages=none)
  "${apt[@]}" update </dev/null
  (cd "$work/deb" && "${apt[@]}" download docker.io docker-cli containerd docker-compose docker-buildx </dev/null)
  rm -rf "$PREFIX.part" && mkdir -p "$PREFIX.part"
  for deb in "$work"/deb/*.deb; do dpkg -x "$deb" "$PREFIX.part"; done
  mv "$PREFIX.part" "$PREFIX"
  rm -rf "$work"
}

# /usr/local/sbin is ahead of a bare client elsewhere on root's PATH. A regular file of that name was not made here.
link_client() {
  if [ -L /usr/local/sbin/docker ] || [ ! -e /usr/local/sbin/docker ]; then ln -sfn "$PREFIX/usr/bin/docker" /usr/local/sbin/docker; fi
  hash -r
}

link_plugins() {
  local plugin
  mkdir -p "$PLUGINS"
  for plugin in compose buildx; do
    has_plugin "$plugin" || ln -sfn "$PREFIX/usr/libexec/docker/cli-plugins/docker-$plugin" "$PLUGINS/docker-$plugin"
  done
}

# runs PIDFILE NAME: whether the process the file names is alive and is that program.
runs() { [ "$(cat "/proc/$(cat "$1" 2>/dev/null || echo none)/comm" 2>/dev/null)" = "$2" ]; }

# After a crash or a reboot the number may belong to another process, and dockerd then refuses to start or waits in vain.
forget_stale_pids() {
  runs /var/run/docker.pid dockerd || rm -f /var/run/docker.pid
  runs /var/run/docker/containerd/containerd.pid containerd || rm -f /var/run/docker/containerd/containerd.pid
}

# In a session of its own, with no descriptor of the caller's: it outlives him and holds neither his pipes nor the lock.
launch() {
  say "starting dockerd (log: $LOG)"
  (cd / && PATH="$PREFIX/usr/bin:$PREFIX/usr/sbin:$PATH" exec setsid "$@") >>"$LOG" 2>&1 </dev/null 9>&- &
}

start_engine() {
  local own
  own=$(own_dockerd)
  if runs /var/run/docker.pid dockerd; then say 'waiting for the dockerd that is starting'; return; fi
  forget_stale_pids
  if [ -z "$own" ]; then
    install_host_tools
    launch "$PREFIX/usr/sbin/dockerd" --init-path "$(command -v tini)"
  elif [ -d /run/systemd/system ]; then
    say 'starting the docker service of this machine'
    timeout 90 systemctl start docker </dev/null
  else
    launch "$own"
  fi
}

await_engine() {
  for _ in $(seq 200); do
    engine_answers && return
    sleep 0.2
  done
  tail -20 "$LOG" >&2 || true
  fail "dockerd does not answer after 40 s (log: $LOG)"
}

main() {
  if everything_answers; then return; fi
  machine_allows
  exec 9>"$LOCK"
  flock --timeout 600 9 || fail "another run holds $LOCK for more than ten minutes"
  if ! engine_answers && [ -z "$(own_dockerd)" ]; then unpack_packages; link_client; fi
  command -v docker >/dev/null || { unpack_packages; link_client; }
  has_plugin compose && has_plugin buildx || { unpack_packages; link_plugins; }
  engine_answers || { start_engine; await_engine; }
  has_plugin compose || fail 'the docker client finds no Compose'
}

main
echo "engine $(docker version --format '{{.Server.Version}} (API {{.Server.APIVersion}})' </dev/null), compose $(docker compose version --short </dev/null)"
