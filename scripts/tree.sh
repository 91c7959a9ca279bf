#!/bin/sh
# Prints a mark that changes when a tracked file, or the list of files that are
# not tracked and not ignored, changes. Without git it prints the same always.
set -eu

command -v git >/dev/null 2>&1 && git rev-parse --git-dir >/dev/null 2>&1 || exit 0
{ git status --porcelain && git diff; } | cksum
