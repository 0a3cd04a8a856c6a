#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bootstrap.sh - from a fresh clone on a Debian machine to a built Tepal, and
# then to a demonstration of it or to all its tests. The build itself
# (configure, make) never installs or downloads anything; this script does.
set -eu

usage()
{
    cat <<'END'
usage: ./bootstrap.sh [--no-install]           build, in build/
       ./bootstrap.sh [--no-install] check     ... and pass all tests
       ./bootstrap.sh [--no-install] demo [CAPTURE]
                                               ... and show what it does

Names the Debian packages that are missing and installs them with apt-get; it
asks first when a person is there to answer.

  --no-install  only name what is missing, and end with 1 if anything is

The demo plays CAPTURE, or a real one out of the Debian package pathspider, or
a generated one; the tests play those of three packages, and decode the images
of one. These are unpacked under build/captures, not installed.
END
}

say()
{
    printf 'bootstrap: %s\n' "$*"
}

die()
{
    say "$*" >&2
    exit 1
}

# --- packages -------------------------------------------------------------

packages_for()
{
    echo autoconf automake binutils gcc libc6-dev libpcap-dev make pkg-config \
        zlib1g-dev
    case $1 in
    check)
        echo bash check clang-14 cpio fonts-dejavu-core git gnuplot-nox \
            grub-efi-amd64-bin grub-pc-bin libclang-rt-14-dev libdpdk-dev \
            libjsmn-dev libstb-dev libunicorn-dev libxxhash-dev libzydis-dev \
            mtools ovmf python3-jsonschema qemu-system-x86 spin tcpdump \
            uthash-dev xorriso
        ;;
    demo) echo tcpdump ;;
    esac
}

is_installed()
{
    dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null |
        grep -qx installed
}

missing_packages()
{
    for package in $(packages_for "$1"); do
        is_installed "$package" || printf '%s ' "$package"
    done
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif command -v sudo >/dev/null; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        die "installing needs root: run 'apt-get install $missing' as root"
    fi
}

agree()
{
    [ -t 0 ] || return 0
    printf 'Install them now with apt-get? [Y/n] '
    read -r answer || return 1
    case $answer in
    '' | [Yy]*) return 0 ;;
    *) return 1 ;;
    esac
}

provide_packages()
{
    if ! command -v dpkg-query >/dev/null; then
        say "not a Debian machine: make sure that there is what the packages" \
            "$(packages_for "$1" | tr '\n' ' ')hold"
        return
    fi
    missing=$(missing_packages "$1")
    [ "$missing" ] || return 0
    say "missing packages: $missing"
    [ "$install" = yes ] || exit 1
    agree || die "nothing was installed"
    as_root apt-get update -q
    # shellcheck disable=SC2086 # one word each
    as_root apt-get install -q -y --no-install-recommends $missing
}

# --- build ----------------------------------------------------------------

is_stale()
{
    [ ! -f configure ] || [ ! -f Makefile.in ] ||
        [ "$(find configure.ac Makefile.am -newer configure)" ]
}

build()
{
    if is_stale; then
        say "autoreconf -fi"
        autoreconf -fi
    fi
    mkdir -p build
    if [ ! -f build/Makefile ]; then
        say "cd build && ../configure"
        (cd build && ../configure --quiet)
    fi
    say "make -j2 -C build"
    make -j2 --no-print-directory -C build
}

# --- captures and images --------------------------------------------------

# Real traffic out of Debian packages, which are unpacked here, not installed.
readonly captures=build/captures
readonly pathspider=usr/lib/python3/dist-packages/pathspider/tests/data

# Into $captures; apt-get says why not in apt.log.
download_package()
{
    (cd "$captures" &&
        apt-get -q -o APT::Sandbox::User=root download "$1") \
        >"$captures/apt.log" 2>&1
}

# The package's files, without installing it or what it depends on.
fetch_captures() # PACKAGE
{
    [ ! -d "$captures/$1" ] || return 0
    mkdir -p "$captures"
    say "apt-get download $1 (for its files; it is not installed)"
    if ! download_package "$1"; then
        # Perhaps there are no package lists yet.
        [ "$install" = yes ] && [ "$(id -u)" -eq 0 ] || return 1
        apt-get -q update >/dev/null 2>&1 && download_package "$1" || return 1
    fi
    dpkg-deb -x "$captures/$1"_*.deb "$captures/$1.part" &&
        mv "$captures/$1.part" "$captures/$1"
}

# --- demo -----------------------------------------------------------------

readonly demo=build/demo

# "COUNT FILE" of each Ethernet capture.
count_captures()
{
    for file in "$captures/pathspider/$pathspider"/*.pcap; do
        tcpdump -nr - --count <"$file" >"$demo/count" 2>"$demo/link" || continue
        grep -q EN10MB "$demo/link" || continue
        echo "$(sed 's/ .*//' "$demo/count") $file"
    done
}

# Sets $capture.
choose_capture()
{
    if [ "$capture" ]; then
        say "capture: $capture"
        return
    fi
    if fetch_captures pathspider; then
        capture=$(count_captures | sort -rn | sed -n '1s/^[0-9]* //p')
    fi
    if [ "$capture" ]; then
        cp "$capture" "$demo"
        capture=$demo/${capture##*/}
        say "capture: ${capture##*/} of the Debian package pathspider: real" \
            "traffic, the largest one in it"
        return
    fi
    capture=$demo/generated.pcap
    build/mkcapture "$capture" 50000 1
    say "capture: GENERATED, because the package pathspider could not be had" \
        "(see $captures/apt.log)"
}

run()
{
    printf '\n$ %s\n' "$*"
    "$@"
}

# What tcpdump sees of a capture's frames, apart from the time.
frames_of()
{
    tcpdump -ntqr - -xx 'greater 14 and less 1514' <"$1" 2>/dev/null
}

compare()
{
    printf '\n$ tcpdump -nt -xx: %s against %s\n' "${1##*/}" "${2##*/}"
    frames_of "$1" >"$demo/in.txt"
    frames_of "$2" >"$demo/out.txt"
    count=$(tcpdump -nr - --count 'greater 14 and less 1514' <"$1" \
        2>/dev/null | sed 's/ .*//')
    longer=$(tcpdump -nr - --count 'greater 1515' <"$1" 2>/dev/null |
        sed 's/ .*//')
    if ! cmp "$demo/in.txt" "$demo/out.txt"; then
        die "DIFFERENT: the frames that came out are not those that went in"
    fi
    echo "equal: $count frames, byte for byte and in order" \
        "($longer longer than 1514 bytes left out)"
}

demonstrate()
{
    mkdir -p "$demo"
    choose_capture
    run build/tepal run forward --in nic0="$capture" \
        --out nic0=build/demo-out.pcap
    compare "$capture" build/demo-out.pcap
    run build/tepal run macswap --in nic0="$capture" \
        --out nic0=build/demo-macswap.pcap
}

# --- main -----------------------------------------------------------------

install=yes
goal=build
capture=
while [ $# -gt 0 ]; do
    case $1 in
    --no-install) install=no ;;
    --help | -h)
        usage
        exit 0
        ;;
    check | demo)
        [ "$goal" = build ] || { usage >&2; exit 2; }
        goal=$1
        ;;
    *)
        if [ "$goal" = demo ] && [ ! "$capture" ] && [ -f "$1" ]; then
            capture=$(realpath "$1")
        else
            say "what is '$1'?" >&2
            usage >&2
            exit 2
        fi
        ;;
    esac
    shift
done

cd "$(dirname "$0")"
provide_packages "$goal"
build
case $goal in
check)
    # The tests play their captures, and decode the images of the last; without
    # them they make some, and say so.
    for package in pathspider golang-github-gopacket-gopacket-dev \
        python3-dpkt gdk-pixbuf-tests; do
        fetch_captures $package || say "$package could not be had"
    done
    say "make -j2 -C build check"
    make -j2 --no-print-directory -C build check
    ;;
demo) demonstrate ;;
build) say "built: build/tepal; next: ./bootstrap.sh demo, or check" ;;
esac
