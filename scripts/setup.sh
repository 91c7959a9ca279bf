#!/bin/sh
# Makes sure that what the tests need beyond Go is there; the list is in
# needs/parts.txt. As root on Debian it installs what is missing; elsewhere it
# says what is missing and which tests that leaves out. It ends with status 1
# only if a part is missing and CI=true. With a file name as argument it writes
# the line JIFEN_MISSING=part,part there, which the tests read as environment.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
parts=$here/needs/parts.txt
result=${1:-}
# Debian keeps daemons where a plain user's PATH may not look.
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/postgresql/15/bin
guard=

# has says whether a part is there: a program, for font-* a font's files, or for
# vm-kernel-* a kernel that was unpacked, never installed.
has() {
	case $1 in
	font-noto-cjk) [ -n "$(find /usr/share/fonts /usr/local/share/fonts "$HOME/.local/share/fonts" \
		-iname 'NotoSansCJK*' -print 2>/dev/null | head -n 1)" ] ;;
	vm-kernel-*) [ -e "$here/../build/vm/${1#vm-kernel-}/vmlinuz" ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

# missing prints column $1 of every part that is not there.
missing() {
	grep -v '^#' "$parts" | while read -r part package sentence; do
		has "$part" && continue
		case $1,$part in
		package,vm-kernel-*) ;;
		kernel,vm-kernel-*) echo "${part#vm-kernel-}" ;;
		kernel,*) ;;
		part,*) echo "$part" ;;
		package,*) echo "$package" ;;
		sentence,*) echo "  $part (Debian package $package): without it we leave out $sentence" ;;
		esac
	done
}

# hold_services keeps packages from starting daemons while they are installed:
# Debian asks policy-rc.d first. One that is there already is left alone.
hold_services() {
	[ -e /usr/sbin/policy-rc.d ] && return 0
	guard=/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' >"$guard"
	chmod 755 "$guard"
}

release_services() {
	[ -z "$guard" ] || rm -f "$guard"
}

# disable_service keeps one from starting at the next boot too. The tests start
# one of their own.
disable_service() {
	command -v systemctl >/dev/null 2>&1 || return 0
	systemctl disable "$1" >/dev/null 2>&1 || true
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=500 "$@"
}

# install_missing installs the packages; it asks for new lists only if the old
# ones are not enough.
install_missing() {
	packages=$(missing package | tr '\n' ' ')
	[ -n "$packages" ] || return 0
	echo "setup: installing $packages"
	trap release_services EXIT
	trap 'exit 1' HUP INT TERM
	hold_services
	# shellcheck disable=SC2086 # one word a package
	if ! apt install --no-install-recommends $packages >/dev/null 2>&1; then
		if ! { apt update && apt install --no-install-recommends $packages; }; then
			echo "setup: apt-get could not install all of it" >&2
		fi
	fi
	case " $packages" in *" mosquitto "*) disable_service mosquitto ;; esac
	case " $packages" in *" postgresql-15 "*) disable_service postgresql ;; esac
	release_services
	trap - EXIT HUP INT TERM
}

if [ -n "$(missing part)" ] && [ -e /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
	install_missing
fi

# Kernels are unpacked below build, whoever asks.
for arch in $(missing kernel); do
	"$here/vm-kernel.sh" "$arch" "$here/../build/vm/$arch" || true
done

left=$(missing part | paste -s -d , -)
if [ -n "$result" ]; then
	mkdir -p "$(dirname -- "$result")"
	echo "JIFEN_MISSING=$left" >"$result"
fi
if [ -z "$left" ]; then
	echo "setup: all parts that the tests need are here"
	exit 0
fi
echo "setup: not all parts that the tests need are here:"
missing sentence
packages=$(missing package | sort -u | tr '\n' ' ')
if [ -n "$packages" ] && [ -e /etc/debian_version ] && [ "$(id -u)" != 0 ]; then
	echo "setup: only root can install them: sudo apt-get install --no-install-recommends $packages"
fi
if [ "${CI:-}" = true ]; then
	echo "setup: CI runs every test, so this is a failure" >&2
	exit 1
fi
