#!/bin/sh
# Install those of the named Debian packages that are missing, when root may do so here.
#   debian_packages.sh NAME...            install; says so and succeeds where it cannot
#   debian_packages.sh --missing NAME...  exit 0 if there is something that it would install
set -u

ask=no
if [ "${1:-}" = --missing ]; then ask=yes; shift; fi

missing=""
if command -v dpkg-query >/dev/null; then
  for name in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) || state=absent
    [ "$state" = installed ] || missing="$missing $name"
  done
fi

able=no
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then able=yes; fi

if [ $ask = yes ]; then
  [ -n "$missing" ] && [ $able = yes ]
  exit
fi
if [ -z "$missing" ]; then echo "All there: $*"; exit 0; fi
if [ $able = no ]; then echo "Missing, and only root can install it:$missing"; exit 0; fi

echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "apt-get update failed; trying with the lists that are here"
# shellcheck disable=SC2086 -- a list of words
apt-get install -y -qq --no-install-recommends $missing
