#!/bin/sh
# The contract of the official redis image: options alone mean redis-server, root steps down to the user redis.
set -e

case "${1:-}" in -* | *.conf) set -- redis-server "$@" ;; esac

case "${1:-}" in
  redis-server | valkey-server)
    if [ "$(id -u)" = 0 ]; then
      find . \! -user redis -exec chown redis '{}' +
      exec gosu redis "$0" "$@"
    fi
    # Data files are not for other users, unless the caller set another umask.
    if [ "$(umask)" = 0022 ]; then umask 0077; fi
    ;;
esac
exec "$@"
