#!/bin/sh
# arm.sh some|all: cross-compiles tests for the boards' processors and runs them
# under qemu-user (dev 11): the devices, and what must give the same on every
# machine, such as the vectors of quotes, codes and stored entries. "all" runs
# them on each processor; "some" what fits into make test, on the oldest one,
# where words of 32 bits and the kernel's structures make a difference.
# Run from the root.
set -eu

which=${1:?"say some or all"}
few='./devices/scan ./devices/evdevscan ./devices/serialscan ./terminal/token'
# Left out is the virtual scanner: it asks the kernel whether it is being read
# (TIOCGEXCL), and qemu-user answers that it does not know the question.
devices=$(go list ./devices/... | grep -v '/devices/virtual$' | tr '\n' ' ')
whole="$devices ./terminal/token ./terminal/ledger ./terminal/codec ./terminal/lot ./terminal/slip"
case $which in
some) sets="armv6:$few" ;;
all) sets="arm64:$whole|armv7:$whole|armv6:$whole" ;;
*) echo "arm: $which is neither some nor all" >&2 && exit 2 ;;
esac

# on runs packages on one processor.
on() {
	board=$1
	shift
	case $board in
	arm64) emulator=qemu-aarch64-static target='GOARCH=arm64' ;;
	armv7) emulator='qemu-arm-static -cpu cortex-a7' target='GOARCH=arm GOARM=7' ;;
	armv6) emulator='qemu-arm-static -cpu arm1176' target='GOARCH=arm GOARM=6' ;;
	esac
	echo "== $board: $*"
	# shellcheck disable=SC2086 # one word each
	env CGO_ENABLED=0 $target go test -timeout 20m -exec "$emulator" "$@"
	# shellcheck disable=SC2086 # one word each
	env CGO_ENABLED=0 $target go test -timeout 20m -exec "$emulator" -run 'Vectors|Golden|Scenarios' ./terminal/pricing ./cmd/internal/golden
}

command -v qemu-arm-static >/dev/null || {
	[ "${CI:-}" != true ] || { echo "arm: qemu-arm-static is missing (Debian package qemu-user-static), and CI runs every test" >&2 && exit 1; }
	echo "arm: qemu-arm-static is missing (Debian package qemu-user-static): left out are the tests on ARM"
	exit 0
}
echo "$sets" | tr '|' '\n' | while IFS=: read -r board packages; do
	# shellcheck disable=SC2086 # one word a package
	on "$board" $packages
done
