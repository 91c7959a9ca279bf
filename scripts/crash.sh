#!/bin/sh
# crash.sh [ARGUMENT...]: runs the crash proof of the terminal's ledger. It
# copies bbolt from the module cache into a temporary folder, puts hooks where
# bbolt writes, flushes and grows its file, and runs the tests against the
# copy. Nothing of the copy stays. The arguments go to the tests: -states N,
# -all, -test.run NAME. Run from the root.
set -eu

folder=cmd/internal/crashproof
module=go.etcd.io/bbolt
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM

go mod download "$module"
cp -r "$(go list -m -f '{{.Dir}}' "$module")" "$dir/bbolt"
chmod -R u+w "$dir/bbolt"
cp "$folder/testdata/hook.txt" "$dir/bbolt/crashhook.go"

# hook FILE OLD NEW: puts NEW in the place of OLD, which must be there once.
hook() {
	n=$(grep -cF "$2" "$dir/$1") || true
	[ "$n" = 1 ] || {
		echo "crash: $1 has $n lines with '$2', want 1: see what has changed there" >&2
		exit 1
	}
	sed -i "s|$(printf '%s' "$2" | sed 's/[.*[\^$]/\\&/g')|$3|" "$dir/$1"
}
hook bbolt/db.go 'db.ops.writeAt = db.file.WriteAt' 'db.ops.writeAt = db.crashWriteAt'
hook bbolt/db.go 'db.file.Truncate(int64(sz))' 'db.crashTruncate(int64(sz))'
hook bbolt/db.go 'db.file.Sync()' 'db.crashSync(db.file.Sync)'
hook bbolt/bolt_linux.go 'return syscall.Fdatasync(int(db.file.Fd()))' \
	'return db.crashSync(func() error { return syscall.Fdatasync(int(db.file.Fd())) })'

# What our own store writes past bbolt: copies of those files, laid over them.
store=terminal/boltstore
overlay=
for file in settle whole archive boltstore; do
	if grep -q 'bolt "go.etcd.io/bbolt"$' "$store/$file.go"; then
		cp "$store/$file.go" "$dir/$file.go"
	else
		sed 's|^import (|import (\n\tbolt "go.etcd.io/bbolt"|' "$store/$file.go" >"$dir/$file.go"
	fi
	overlay="$overlay,\"$PWD/$store/$file.go\": \"$dir/$file.go\""
done
hook settle.go 'f.WriteAt(metas, 0)' 'bolt.CrashWriteAt(f, metas, 0)'
hook settle.go 'f.Sync()' 'bolt.CrashSync(f)'
hook whole.go 'b.to = f' 'b.to = bolt.CrashAppend(f)'
hook whole.go 'f.Sync()' 'bolt.CrashSyncFile(f)'
hook archive.go 'f.Write(b)' 'bolt.CrashAppend(f).Write(b)'
hook archive.go 'f.Sync()' 'bolt.CrashSyncFile(f)'
hook archive.go 'os.MkdirAll(' 'bolt.CrashMkdir('
hook boltstore.go 'os.Rename(aside, path)' 'bolt.CrashRename(aside, path)'
hook boltstore.go 'os.Remove(aside)' 'bolt.CrashRemove(aside)'
hook boltstore.go 'dir.Sync()' 'bolt.CrashSyncDir(dir)'
printf '{"Replace": {%s}}\n' "${overlay#,}" >"$dir/overlay.json"

cp go.mod "$dir/crash.mod"
cp go.sum "$dir/crash.sum"
go mod edit -replace "$module=$dir/bbolt" "$dir/crash.mod"

go vet -modfile="$dir/crash.mod" -tags crash "./$folder"
go test -modfile="$dir/crash.mod" -overlay "$dir/overlay.json" -tags crash -trimpath -c -o "$dir/crash.test" "./$folder"
cd "$folder"
"$dir/crash.test" -test.v=false -test.timeout "${CRASH_TIMEOUT:-10h}" "$@"
