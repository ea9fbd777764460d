#!/usr/bin/env bash
# The contract of the official rabbitmq image: root steps down to the user rabbitmq, the cookie comes from a variable,
# variables the image once knew are an error. RABBITMQ_DEFAULT_USER, _PASS and _VHOST are read by the broker itself.
set -euo pipefail

if [[ $1 == rabbitmq* ]] && [ "$(id -u)" = 0 ]; then
  if [ "$1" = rabbitmq-server ]; then find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq '{}' +; fi
  exec gosu rabbitmq "$BASH_SOURCE" "$@"
fi

refuse_former_variables() {
  local name found=
  for name in DEFAULT_PASS_FILE DEFAULT_USER_FILE HIPE_COMPILE VM_MEMORY_HIGH_WATERMARK SSL_CACERTFILE SSL_CERTFILE SSL_KEYFILE \
    MANAGEMENT_SSL_CACERTFILE MANAGEMENT_SSL_CERTFILE MANAGEMENT_SSL_KEYFILE; do
    name=RABBITMQ_$name
    if [ -n "${!name:-}" ]; then echo "error: $name is set but deprecated" >&2; found=yes; fi
  done
  if [ -n "$found" ]; then echo 'error: deprecated environment variables detected' >&2; exit 1; fi
}

write_cookie() {
  local file=/var/lib/rabbitmq/.erlang.cookie
  [ -n "${RABBITMQ_ERLANG_COOKIE:-}" ] && [ ! -e "$file" ] || return 0
  (umask 077; echo "$RABBITMQ_ERLANG_COOKIE" >"$file")
}

if [[ $1 == rabbitmq* ]]; then
  refuse_former_variables
  write_cookie
  if [ "$(hostname)" != "$(hostname -s)" ]; then export RABBITMQ_USE_LONGNAME=${RABBITMQ_USE_LONGNAME:-true}; fi
fi
exec "$@"
