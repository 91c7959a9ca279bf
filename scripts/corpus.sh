#!/bin/sh
# corpus.sh MOST [FOLDER...]: keeps of what fuzzing found the MOST smallest inputs
# of each target under testdata/fuzz, where every run of the tests tries them
# again. Go itself keeps them in its cache only. Run from the root, after make fuzz.
set -eu

most=${1:?"say how many inputs a target keeps, for example 40"}
shift
largest=400 # bytes: longer ones say little to a reader
cache=$(go env GOCACHE)/fuzz
module=$(go list -m)
targets=$(grep -rHo --include='*_test.go' --exclude-dir=build '^func Fuzz[A-Za-z0-9_]*' "${@:-.}" | sed 's/:func /:/' | sort)
for target in $targets; do
	name=${target##*:}
	folder=$(dirname "${target%%:*}")
	found=$cache/$module/${folder#./}/$name
	[ -d "$found" ] || continue
	kept=$folder/testdata/fuzz/$name
	mkdir -p "$kept"
	find "$found" -type f -size "-${largest}c" -printf '%s %p\n' | sort -n | head -n "$most" | while read -r _ file; do
		cp "$file" "$kept/"
	done
	echo "$kept: $(find "$kept" -type f | wc -l) inputs"
done
