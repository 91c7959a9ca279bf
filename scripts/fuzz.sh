#!/bin/sh
# fuzz.sh TIME: runs every fuzz target of the tree, one after another, for TIME
# each, as go test's -fuzztime takes it: 20s, or 1000000x for so many runs.
# Little is spent on making an input smaller that goes a new way: by default go
# spends a minute on each. Run from the root.
set -eu

fuzztime=${1:?"say how long, for example 20s"}
targets=$(grep -rHo --include='*_test.go' --exclude-dir=testdata --exclude-dir=build '^func Fuzz[A-Za-z0-9_]*' . |
	sed 's/:func /:/' | sort)
if [ -z "$targets" ]; then
	echo "fuzz: no fuzz target in the tree" >&2
	exit 1
fi
for target in $targets; do
	name=${target##*:}
	folder=$(dirname "${target%%:*}")
	echo "== $folder $name"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzztime" -fuzzminimizetime 50x "$folder"
done
