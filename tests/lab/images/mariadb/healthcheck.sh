#!/usr/bin/env bash
# The tests of the official image's healthcheck.sh that need no replication. All given tests have to pass, and without
# --connect the server must still be reachable over TCP, so that the temporary server never counts as healthy.
set -eo pipefail

client=(mariadb)
datadir=/var/lib/mysql
connect_tested=

query() { "${client[@]}" --protocol "$1" -h localhost --skip-column-names -B -e "$2"; }

# Whoever is refused for his password has reached the server.
connect() {
  local answer
  connect_tested=yes
  answer=$(query tcp 'select @@skip_networking' 2>&1) || true
  case $answer in 0 | *'(28000)'* | *'ERROR 1820'* | *'ERROR 4151'* | *'ERROR 1226'*) return 0 ;; esac
  echo "$answer" >&2
  return 1
}

innodb_initialized() {
  [ "$(query socket "select 1 from information_schema.ENGINES where engine = 'innodb' and support in ('YES', 'DEFAULT', 'ENABLED')")" = 1 ]
}

innodb_buffer_pool_loaded() {
  [[ $(query socket "select VARIABLE_VALUE from information_schema.GLOBAL_STATUS where VARIABLE_NAME = 'Innodb_buffer_pool_load_status'") == *'load completed'* ]]
}

[ $# -gt 0 ] || { echo 'At least one argument required' >&2; exit 1; }
if [ -r "$datadir/.my-healthcheck.cnf" ]; then client=(mariadb "--defaults-extra-file=$datadir/.my-healthcheck.cnf"); fi
while [ $# -gt 0 ]; do
  case $1 in
    --connect | --innodb_initialized | --innodb_buffer_pool_loaded)
      "${1#--}" || { echo "healthcheck ${1#--} failed" >&2; exit 1; } ;;
    --no-connect) connect_tested=yes ;;
    --no-defaults) client=(mariadb --no-defaults) ;;
    --defaults-file=* | --defaults-extra-file=* | --defaults-group-suffix=*) client=(mariadb "$1") ;;
    --su-mysql) shift; exec gosu mysql "$0" "$@" ;;
    --su=*) user=${1#--su=}; shift; exec gosu "$user" "$0" "$@" ;;
    *) echo "healthcheck unknown option or test '$1'" >&2; exit 1 ;;
  esac
  shift
done
[ -n "$connect_tested" ] || connect
