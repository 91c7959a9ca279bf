#!/bin/sh
# Every check that needs no test of the product: form, vet, linters, the
# repository's own rules. It runs them all, then ends with status 1 if one of
# them found something or if they changed the tree. Run from the root.
set -u

bad=

found() {
	bad="$bad $1"
	echo "check: $1 found something" >&2
}

before=$(scripts/tree.sh)

unformatted=$(gofmt -l . 2>&1)
[ -z "$unformatted" ] || {
	echo "not in gofmt's form:"
	echo "$unformatted"
	found gofmt
}

ignored=$(git ls-files --cached --ignored --exclude-standard)
[ -z "$ignored" ] || {
	echo "committed, and .gitignore says that nobody wants it:"
	echo "$ignored"
	found "ignored files"
}

go vet ./... || found vet
# A module of its own. Its peers, which take minutes to compile, are left out.
(cd scripts/bench && go vet .) || found "vet of scripts/bench"

go tool -modfile=scripts/tools/go.mod staticcheck ./... || found staticcheck

if command -v shellcheck >/dev/null 2>&1; then
	shellcheck scripts/*.sh .ci/run || found shellcheck
elif [ "${CI:-}" = true ]; then
	echo "shellcheck is not installed"
	found shellcheck
else
	echo "check: left out the shell scripts: shellcheck is not installed"
fi

go test ./scripts/tidy || found tidy

go mod tidy -diff || found go-mod

[ "$before" = "$(scripts/tree.sh)" ] || found "a changed tree"

[ -z "$bad" ] || exit 1
