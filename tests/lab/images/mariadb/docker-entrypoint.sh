#!/usr/bin/env bash
# The contract of the official mariadb image: MARIADB_* and MYSQL_* variables, the init folder, the same log lines.
# While the init scripts run, a temporary server listens on the unix socket only (--skip-networking); `mysqladmin ping`
# on the socket says yes too early. That trap is meant to be here.
set -eo pipefail
shopt -s nullglob

log() { printf '%s [%s] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$1" "$2"; }
note() { log Note "$1"; }
die() { log ERROR "$1" >&2; exit 1; }

# from_file VAR: VAR, or the content of the file VAR_FILE names (Docker secrets).
from_file() {
  local var=$1 file_var=$1_FILE
  if [ -n "${!var:-}" ] && [ -n "${!file_var:-}" ]; then die "Both $var and $file_var are set (but are exclusive)"; fi
  if [ -n "${!file_var:-}" ]; then export "$var=$(<"${!file_var}")"; fi
  unset "$file_var"
}

# setting NAME [DEFAULT]: MARIADB_NAME, else MYSQL_NAME, else the default; both variables hold it afterwards.
setting() {
  local maria=MARIADB_$1 mysql=MYSQL_$1
  from_file "$maria"
  from_file "$mysql"
  export "$maria=${!maria:-${!mysql:-${2:-}}}"
  export "$mysql=${!maria}"
}

read_settings() {
  local name
  setting ROOT_HOST %
  for name in DATABASE USER PASSWORD ROOT_PASSWORD RANDOM_ROOT_PASSWORD INITDB_SKIP_TZINFO; do setting "$name"; done
  : "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:=${MYSQL_ALLOW_EMPTY_PASSWORD:-}}"
  local config
  config=$("$@" --verbose --help 2>/dev/null) || die "mariadbd failed while attempting to check config: $*"
  DATADIR=$(config_value datadir "$config") SOCKET=$(config_value socket "$config") PORT=$(config_value port "$config")
}

# From the table "name   value" that `mariadbd --verbose --help` ends with.
config_value() { awk -v name="$1" '$1 == name && /^[^ \t]/ { sub(/^[^ \t]+[ \t]+/, ""); print; exit }' <<<"$2"; }

asks_only_for_help() {
  local arg
  for arg; do case $arg in -'?' | --help | --print-defaults | -V | --version) return 0 ;; esac; done
  return 1
}

# A mounted folder or tmpfs arrives owned by root.
prepare_directories() {
  mkdir -p "$DATADIR"
  [ "$(id -u)" = 0 ] || return 0
  find "$DATADIR" \! -user mysql -exec chown mysql: '{}' +
  find "${SOCKET%/*}" -maxdepth 0 \! -user mysql -exec chown mysql: '{}' +
}

require_password() {
  if [ -z "$MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    die $'Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD'
  fi
  if [ -n "$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    export MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD=$MARIADB_ROOT_PASSWORD
    note "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
  fi
}

create_datadir() {
  note 'Initializing database files'
  mariadb-install-db --datadir="$DATADIR" --rpm --auth-root-authentication-method=normal "${@:2}" --skip-test-db \
    --default-time-zone=SYSTEM --enforce-storage-engine= --skip-log-bin --expire-logs-days=0 \
    --loose-innodb_buffer_pool_load_at_startup=0 --loose-innodb_buffer_pool_dump_at_shutdown=0
  note 'Database files initialized'
}

# Init scripts that are sourced may call this, also as "${mysql[@]}".
docker_process_sql() {
  MYSQL_PWD=$CURRENT_ROOT_PASSWORD mariadb --protocol=socket -uroot -hlocalhost --socket="$SOCKET" \
    ${MARIADB_DATABASE:+--database="$MARIADB_DATABASE"} "$@"
}

start_temporary_server() {
  "$@" --skip-networking --default-time-zone=SYSTEM --socket="$SOCKET" --wsrep_on=OFF --expire-logs-days=0 \
    --loose-innodb_buffer_pool_load_at_startup=0 --skip-slave-start &
  SERVER_PID=$!
  note 'Waiting for server startup'
  local try
  for try in {1..300}; do
    docker_process_sql --database=mysql -e 'SELECT 1' >/dev/null 2>&1 && return
    kill -0 "$SERVER_PID" 2>/dev/null || break
    sleep 0.1
  done
  die 'Unable to start server.'
}

stop_temporary_server() {
  kill "$SERVER_PID"
  wait "$SERVER_PID"
}

quoted() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\\\'}"; }

accounts_sql() {
  local root database=${MARIADB_DATABASE//\`/\`\`}
  root=$(quoted "$MARIADB_ROOT_PASSWORD")
  echo "SET @@SESSION.SQL_LOG_BIN=0; SET @@SESSION.SQL_MODE=REPLACE(@@SESSION.SQL_MODE, 'NO_BACKSLASH_ESCAPES', '');"
  echo "DROP USER IF EXISTS root@'127.0.0.1', root@'::1', root@'$(hostname)';"
  if [ -n "$MARIADB_ROOT_HOST" ] && [ "$MARIADB_ROOT_HOST" != localhost ]; then
    echo "CREATE USER root@$(quoted "$MARIADB_ROOT_HOST") IDENTIFIED BY $root;"
    echo "GRANT ALL ON *.* TO root@$(quoted "$MARIADB_ROOT_HOST") WITH GRANT OPTION;"
  fi
  if [ -n "$MARIADB_DATABASE" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"; fi
  if [ -n "$MARIADB_USER" ] && [ -n "$MARIADB_PASSWORD" ]; then
    echo "CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");"
    if [ -n "$MARIADB_DATABASE" ]; then echo "GRANT ALL ON \`${database//_/\\_}\`.* TO $(quoted "$MARIADB_USER")@'%';"; fi
  fi
  echo "SET PASSWORD FOR root@localhost = PASSWORD($root);"
}

# healthcheck.sh logs in as this user; its password is known to this container only.
healthcheck_sql() {
  local host password
  password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
  for host in 127.0.0.1 ::1 localhost; do
    echo "CREATE USER IF NOT EXISTS healthcheck@'$host' IDENTIFIED BY '$password'; GRANT USAGE ON *.* TO healthcheck@'$host';"
  done
  (umask 077; printf '[mariadb-client]\nport=%s\nsocket=%s\nuser=healthcheck\npassword=%s\nprotocol=tcp\n' "$PORT" "$SOCKET" "$password" >"$DATADIR/.my-healthcheck.cnf")
}

create_accounts() {
  if [ -z "$MARIADB_INITDB_SKIP_TZINFO" ]; then
    mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo 2>/dev/null | MARIADB_DATABASE=mysql docker_process_sql
  fi
  { accounts_sql; healthcheck_sql; } | MARIADB_DATABASE=mysql docker_process_sql --binary-mode
  CURRENT_ROOT_PASSWORD=$MARIADB_ROOT_PASSWORD
}

run_init_files() {
  local file mysql=(docker_process_sql)
  for file; do
    case $file in
      *.sh)
        if [ -x "$file" ]; then note "$0: running $file"; "$file"; else note "$0: sourcing $file"; . "$file"; fi ;;
      *.sql) note "$0: running $file"; docker_process_sql <"$file" ;;
      *.sql.gz) note "$0: running $file"; gunzip -c "$file" | docker_process_sql ;;
      *.sql.xz) note "$0: running $file"; xzcat "$file" | docker_process_sql ;;
      *.sql.zst) note "$0: running $file"; zstd -dc "$file" | docker_process_sql ;;
      *) log Warn "$0: ignoring $file" >&2 ;;
    esac
  done
}

initialise() {
  require_password
  ls /docker-entrypoint-initdb.d/ >/dev/null # an unreadable folder is an error now, not after half an initialisation
  create_datadir "$@"
  CURRENT_ROOT_PASSWORD=
  note 'Starting temporary server'
  start_temporary_server "$@"
  note 'Temporary server started.'
  create_accounts
  run_init_files /docker-entrypoint-initdb.d/*
  note 'Stopping temporary server'
  stop_temporary_server
  note 'Temporary server stopped'
  printf '\n'
  note 'MariaDB init process done. Ready for start up.'
}

if [ "${1:0:1}" = - ]; then set -- mariadbd "$@"; fi
if { [ "$1" = mariadbd ] || [ "$1" = mysqld ]; } && ! asks_only_for_help "$@"; then
  note "Entrypoint script for MariaDB Server started."
  read_settings "$@"
  prepare_directories
  if [ "$(id -u)" = 0 ]; then
    note "Switching to dedicated user 'mysql'"
    exec gosu mysql "$BASH_SOURCE" "$@"
  fi
  if [ ! -d "$DATADIR/mysql" ]; then initialise "$@"; fi
fi
exec "$@"
