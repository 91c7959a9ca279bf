#!/bin/sh
# vm-kernel.sh ARCH FOLDER: unpacks Debian's kernel for a machine (amd64 or armhf)
# into FOLDER, with its modules, for the tests with real drivers. Nothing is
# installed here. A kernel that is there already is left alone.
set -eu

arch=$1 folder=$2
case $arch in
amd64) meta=linux-image-amd64 ;;
armhf) meta=linux-image-armmp ;;
*) echo "vm-kernel: no kernel for $arch" >&2 && exit 2 ;;
esac
[ ! -e "$folder/vmlinuz" ] || exit 0
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
	echo "vm-kernel: only Debian's tools can fetch Debian's kernel" >&2
	exit 1
fi
rm -rf "$folder.new"
mkdir -p "$folder.new/lists/partial"
cd "$folder.new"

# apt asks for packages of one architecture, with lists of its own.
apt() {
	tool=$1
	shift
	"apt-$tool" -q -oAPT::Architecture="$arch" -oAPT::Architectures="$arch" -oDir::State::Lists="$PWD/lists" \
		-oDir::Cache::pkgcache= -oDir::Cache::srcpkgcache= "$@"
}

apt get update >update.log 2>&1 || : # one list may be in the middle of a change; what is there decides
package=$(apt cache depends "$meta" | sed -n 's/^ *Depends: \(linux-image-.*\)$/\1/p' | head -n 1)
[ -n "$package" ] || { cat update.log >&2 && echo "vm-kernel: $meta names no kernel" >&2 && exit 1; }
apt get download "$package" >download.log 2>&1 || { cat download.log >&2 && exit 1; }
dpkg-deb -x "$package"_*.deb .
mv boot/vmlinuz-* vmlinuz
rm -rf lists ./*.deb usr boot etc
cd - >/dev/null
rm -rf "$folder"
mv "$folder.new" "$folder"
echo "vm-kernel: $package is in $folder"
