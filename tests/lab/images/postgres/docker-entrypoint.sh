#!/usr/bin/env bash
# The contract of the official postgres image: the same variables, the same init folder, the same log lines.
# While the init scripts run, a temporary server listens on the unix socket only; it is stopped before the real one starts,
# so `pg_isready` without a host says yes too early. That trap is meant to be here.
set -Eeo pipefail

# from_file VAR [DEFAULT]: VAR, or the content of the file VAR_FILE names (Docker secrets), or the default.
from_file() {
  local var=$1 file_var=$1_FILE
  if [ -n "${!var:-}" ] && [ -n "${!file_var:-}" ]; then
    echo "error: both $var and $file_var are set (but are exclusive)" >&2
    exit 1
  fi
  if [ -n "${!var:-}" ]; then export "$var=${!var}"
  elif [ -n "${!file_var:-}" ]; then export "$var=$(<"${!file_var}")"
  else export "$var=${2:-}"; fi
  unset "$file_var"
}

read_settings() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
}

asks_only_for_help() {
  local arg
  for arg; do case $arg in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac; done
  return 1
}

# A mounted folder or tmpfs arrives owned by root.
prepare_directories() {
  local dir
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA" || true
  mkdir -p /var/run/postgresql && chmod 3775 /var/run/postgresql || true
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then mkdir -p "$POSTGRES_INITDB_WALDIR" && chmod 700 "$POSTGRES_INITDB_WALDIR"; fi
  [ "$(id -u)" = 0 ] || return 0
  for dir in "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}; do
    find "$dir" \! -user postgres -exec chown postgres '{}' +
  done
}

require_password() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    cat >&2 <<'TEXT'
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.
TEXT
    exit 1
  fi
}

# initdb refuses a user id without a name: `--user 1234` gets one through nss_wrapper.
name_current_user() {
  getent passwd "$(id -u)" >/dev/null && return
  export NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP LD_PRELOAD
  NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
  LD_PRELOAD=$(echo /usr/lib/*/libnss_wrapper.so)
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
  echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
}

forget_current_user() {
  [ -n "${NSS_WRAPPER_PASSWD:-}" ] || return 0
  unset LD_PRELOAD
  rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
  unset NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

# POSTGRES_INITDB_ARGS is shell text, hence `eval`. The file needs its newline: initdb refuses an empty one.
create_cluster() {
  local waldir=()
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then waldir=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  name_current_user
  eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"' "${waldir[@]}"'
  forget_current_user
}

# Other hosts need the password; loopback and the socket are trusted, as initdb leaves them.
allow_hosts() {
  local method=${POSTGRES_HOST_AUTH_METHOD:-}
  if [ "$1" = postgres ]; then shift; fi
  [ -n "$method" ] || method=$(postgres -C password_encryption "$@")
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

start_temporary_server() {
  if [ "$1" = postgres ]; then shift; fi
  PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -w -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")" start
}

stop_temporary_server() { PGUSER=${PGUSER:-postgres} pg_ctl -D "$PGDATA" -m fast -w stop; }

# Init scripts that are sourced may call this, also as "${psql[@]}".
docker_process_sql() {
  PGHOST= PGHOSTADDR= psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc \
    ${POSTGRES_DB:+--dbname "$POSTGRES_DB"} "$@"
}

create_database() {
  local exists
  exists=$(POSTGRES_DB= docker_process_sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only <<<"SELECT 1 FROM pg_database WHERE datname = :'db';")
  if [ -z "$exists" ]; then POSTGRES_DB= docker_process_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'; fi
}

run_init_files() {
  local file psql=(docker_process_sql)
  for file; do
    case $file in
      *.sh)
        if [ -x "$file" ]; then echo "$0: running $file"; "$file"; else echo "$0: sourcing $file"; . "$file"; fi ;;
      *.sql) echo "$0: running $file"; docker_process_sql -f "$file" ;;
      *.sql.gz) echo "$0: running $file"; gunzip -c "$file" | docker_process_sql ;;
      *.sql.xz) echo "$0: running $file"; xzcat "$file" | docker_process_sql ;;
      *.sql.zst) echo "$0: running $file"; zstd -dc "$file" | docker_process_sql ;;
      *) echo "$0: ignoring $file" ;;
    esac
    echo
  done
}

initialise() {
  require_password
  ls /docker-entrypoint-initdb.d/ >/dev/null # an unreadable folder is an error now, not after half an initialisation
  create_cluster
  allow_hosts "$@"
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD} # for initdb arguments that ask for a password on the socket too
  start_temporary_server "$@"
  create_database
  run_init_files /docker-entrypoint-initdb.d/*
  stop_temporary_server
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
if [ "$1" = postgres ] && ! asks_only_for_help "$@"; then
  read_settings
  prepare_directories
  if [ "$(id -u)" = 0 ]; then exec gosu postgres "$BASH_SOURCE" "$@"; fi
  if [ -s "$PGDATA/PG_VERSION" ]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  else
    initialise "$@"
  fi
fi
exec "$@"
