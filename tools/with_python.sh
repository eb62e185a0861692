#!/bin/sh
# Run Python 3.11 to 3.13 with the arguments given; say what is missing where there is none.
# MDT_PYTHON names another interpreter to try first.
set -u

fits='import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

for python in ${MDT_PYTHON:-} python3 python3.13 python3.12 python3.11; do
  if "$python" -c "$fits" >/dev/null 2>&1; then
    exec "$python" "$@"
  fi
done

found=$(python3 --version 2>&1) || found="no python3"
echo "mdt needs Python 3.11, 3.12 or 3.13 with its modules venv and ensurepip; here: $found." >&2
echo "On Debian and Ubuntu: apt-get install python3 python3-venv." >&2
echo "To name another interpreter: MDT_PYTHON=/path/to/python3" >&2
exit 1
