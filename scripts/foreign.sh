#!/bin/sh
# foreign.sh: makes the print jobs of other programs anew that the reader of
# paper is tried with, prints with one of those programs on our virtual printer,
# has axe-core look at every panel of the cashier's pages and at every state of
# the story page, in light and dark, and has a linter read the local API's description and a client that is generated from it run a sale.
# It needs node and npm, and takes the programs' versions from
# scripts/foreign/package.json. The tests need neither: they read what is kept
# under testdata. Run from the root.
set -eu

command -v npm >/dev/null || {
	echo "foreign: npm is missing: left out are the programs that are not ours"
	[ "${CI:-}" != true ] && exit 0
	exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp scripts/foreign/package.json scripts/foreign/generate.mjs scripts/foreign/api/* "$work"
(cd "$work" && npm install --no-audit --no-fund --silent && node generate.mjs .)
cp "$work"/*.bin devices/escpos/paper/testdata/foreign/
go test -count=1 -run 'Other|Rows' ./devices/escpos/paper
JIFEN_RECEIPTIO=$work/node_modules/receiptio/bin/cli.js \
	go test -count=1 -tags foreign -run Receiptio ./devices/virtual
JIFEN_AXE=$work/node_modules/axe-core/axe.min.js \
	go test -count=1 -tags foreign -run Axe ./terminal/cashier
TMPDIR=$work go run ./cmd/storybook -listen 127.0.0.1:0 -check -axe "$work/node_modules/axe-core/axe.min.js" -light 1024
JIFEN_CLIENT=$work go test -count=1 -tags foreign -run ClientGenerated ./cmd/internal/scenario
