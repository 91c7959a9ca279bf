#!/bin/sh
# timed.sh NAME SECONDS COMMAND...: runs one part of the tests within its
# budget, and says how long it took. A part over its budget is stopped, with
# all that it started, and fails.
set -eu

name=$1 budget=$2
shift 2
echo "== $name (at most $budget s)"
begin=$(date +%s)
# timeout leads a process group of its own, which Ctrl-C does not reach.
timeout -k 10 "$budget" "$@" &
part=$!
trap 'kill -TERM $part 2>/dev/null; wait $part || true; exit 130' HUP INT TERM
status=0
wait $part || status=$?
took=$(($(date +%s) - begin))
case $status in
0) echo "== $name: ok, $took s" ;;
124 | 137) echo "== $name: stopped, its budget of $budget s is used up" >&2 ;;
*) echo "== $name: failed after $took s" >&2 ;;
esac
exit "$status"
