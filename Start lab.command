#!/bin/sh
# What a double click runs on macOS and Linux: opens the lab, and keeps the window open where that fails.
cd "$(dirname "$0")" || exit 1

python=
for candidate in python3 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
        python=$candidate
        break
    fi
done

if [ -n "$python" ]; then
    "$python" lab.py "$@"
    code=$?
    # 3 means stopped on purpose, with the data kept.
    case $code in 0 | 3) exit "$code" ;; esac
    printf '\nThe lab did not start or ended with an error, code %s. ' "$code"
else
    code=1
    printf 'No Python 3.8 or newer was found. Please install Python 3.11 and start again. '
fi
printf 'Press Enter to close this window. '
read -r _
exit "$code"
