#!/bin/bash
# The contract of the official wiremock image: options (or nothing) mean the server, JAVA_OPTS and WIREMOCK_OPTIONS are
# added, `uid` names the user to run as, jars in /var/wiremock/extensions are on the class path.
set -e

if [ "${1:0:1}" = - ] || [ $# = 0 ]; then
  set -- java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:SharedArchiveFile=/var/wiremock/wiremock.jsa $JAVA_OPTS \
    -cp '/var/wiremock/lib/*:/var/wiremock/extensions/*' wiremock.Run "$@"
fi
if [ "$1" = java ]; then set -- "$@" $WIREMOCK_OPTIONS; fi
if [ -n "$uid" ]; then
  chown -R "$uid:$uid" /home/wiremock
  set -- gosu "$uid:$uid" "$@"
fi
exec "$@"
