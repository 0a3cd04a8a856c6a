# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034
#
# common.sh - what the tests of the whole program share. Sourced by each.
#
# A test is a row of claims, printed as TAP; below one that does not hold
# stands what was compared. It leaves nothing behind, and everything it runs is
# bounded in time.
# Environment: TEPAL_BUILD, TEPAL_SOURCE. Optional: TEPAL_CAPTURES, a folder of
# real captures; TP_TEST_CAPTURES, how many of them are played (all): one frame
# after the other, ThreadSanitizer sees as much in a few; DOMAIN_CC, the compiler
# behind domcc.

: "${TEPAL_BUILD:?names the build folder}"
: "${TEPAL_SOURCE:?names the source folder}"
LC_ALL=C
export LC_ALL
readonly tepal=$TEPAL_BUILD/tepal
readonly make_capture=$TEPAL_BUILD/tests/system/captures
work=$(mktemp -d "${TMPDIR:-/tmp}/tepal-test-XXXXXX") || exit 99
readonly work
trap 'rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
# Where runs publish their status.
XDG_RUNTIME_DIR=$work
export XDG_RUNTIME_DIR
claims=0
failures=0

# holds CLAIM COMMAND...: what it prints is shown when it does not hold.
holds()
{
    claim=$1
    shift
    claims=$((claims + 1))
    if "$@" >"$work/holds.log" 2>&1; then
        echo "ok $claims - $claim"
        return 0
    fi
    failures=$((failures + 1))
    echo "not ok $claims - $claim"
    head -n 20 "$work/holds.log" | sed 's/^/#   /'
    return 1
}

# is GOT WANTED
is()
{
    [ "$1" = "$2" ] || { echo "is '$1', and not '$2'"; return 1; }
}

# contains FILE PATTERN: a basic regular expression.
contains()
{
    grep -q -e "$2" "$1" || { echo "no '$2' in:"; cat "$1"; return 1; }
}

lacks()
{
    ! grep -e "$2" "$1"
}

# Perl is there: automake needs it.
is_json() # FILE
{
    perl -MJSON::PP -0777 -ne 'decode_json($_)' "$1"
}

# Whether a report is what a schema of docs/ says. Debian's
# python3-jsonschema; the interpreter is Debian's too.
fits_schema() # FILE [SCHEMA]
{
    /usr/bin/python3 - "$TEPAL_SOURCE/docs/${2:-report}.schema.json" "$1" \
        <<'PYTHON'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[2])))
PYTHON
}

is_empty()
{
    [ ! -s "$1" ] || { echo "not empty:"; cat "$1"; return 1; }
}

finish()
{
    echo "1..$claims"
    echo "# $((claims - failures)) of $claims claims hold"
    [ "$claims" -gt 0 ] && [ "$failures" -eq 0 ]
    exit
}

# Run the program: sets $code; output in $work/out, errors in $work/err,
# those without the log of loads and domains in $work/said.
run_tepal()
{
    timeout "${limit:-60}" "$tepal" "$@" >"$work/out" 2>"$work/err"
    code=$?
    grep -v '^[0-9a-f]\{16\} [^ ]* lo\(g\|ad\): ' "$work/err" >"$work/said"
}

# start ARGUMENT...: in the background; sets $pid. What it
# prints is in $work/run.out and $work/run.err.
pids=
start()
{
    "$tepal" "$@" >"$work/run.out" 2>"$work/run.err" &
    pid=$!
    pids="$pids $pid"
    # A test that is stopped leaves nothing behind.
    trap 'kill -KILL $pids 2>/dev/null; rm -rf "$work"' EXIT
}

# within TENTHS COMMAND...: until it succeeds.
within()
{
    tenths=$1
    shift
    while ! "$@" >/dev/null 2>&1; do
        tenths=$((tenths - 1))
        [ "$tenths" -gt 0 ] || { echo "not in time: $*"; return 1; }
        sleep 0.1
    done
}

# stop PID: as Ctrl-C does; returns its exit code.
stop()
{
    kill -INT "$1"
    wait "$1"
}

# number_in FILE KEY: of the outermost object.
number_in()
{
    sed -n 's/^  "'"$2"'": \([0-9.]*\),*$/\1/p' "$1"
}

# count_of CAPTURE [FILTER]: as tcpdump counts.
count_of()
{
    tcpdump -nr - --count ${2:+"$2"} <"$1" 2>/dev/null | sed 's/ .*//'
}

# frames_of CAPTURE [FILTER]: one line for each frame, its bytes. Those that
# were cut while capturing are left out.
frames_of()
{
    tcpdump -entqr - -xx ${2:+"$2"} <"$1" 2>/dev/null | awk '
        function put()
        {
            if (frame && length(frame) / 2 >= bytes)
                print frame
            frame = ""
        }
        /^\t0x/ { sub(/^[^:]*:/, ""); gsub(/ /, ""); frame = frame $0; next }
        {
            put()
            match($0, / length [0-9]+/)
            bytes = substr($0, RSTART + 8) + 0
        }
        END { put() }'
}

# What can be played: whole frames of 14 to 1514 bytes.
readonly playable='greater 14 and less 1514'

# compile_domain OUTPUT SOURCE...: of the gs flavour when it is called *-gs.dom.
compile_domain()
{
    output=$1
    shift
    case $output in
    *-gs.dom) set -- --flavour=gs "$@" "$TEPAL_BUILD/libdom-gs.a" ;;
    *) set -- "$@" "$TEPAL_BUILD/libdom.a" ;;
    esac
    "$TEPAL_BUILD/domcc" --cc="${DOMAIN_CC:-gcc}" --no-library \
        --script="$TEPAL_SOURCE/tools/domcc/dom.ld" -std=gnu11 -O2 -g \
        -I"$TEPAL_SOURCE/core/include" -I"$TEPAL_SOURCE/domains/include" \
        -I"$TEPAL_SOURCE/domains/pump" -I"$TEPAL_BUILD/generated" \
        -o "$output" "$@"
}

# Real captures: what bootstrap.sh unpacked out of Debian packages.
find_captures()
{
    [ ! -d "$TEPAL_BUILD/captures" ] || echo "$TEPAL_BUILD/captures"
}

# Whether tcpdump reads FILE to its end.
is_sound() # FILE
{
    tcpdump -nr - --count <"$1" >"$work/count.log" 2>&1
}

# thin_out FOLDER: TP_TEST_CAPTURES real ones stay in it, far from each other.
thin_out()
{
    [ "${TP_TEST_CAPTURES:-}" ] || return 0
    find "$1" -name 'real-*' | sort | awk -v keep="$TP_TEST_CAPTURES" '
        { file[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++)
                if (int(i * keep / NR) == int((i - 1) * keep / NR))
                    print file[i]
        }' | while read -r file; do
        rm "$file"
    done
}

# Ethernet captures, in $work/captures: all real ones that there are, and
# generated ones of each kind that is played to its end; real ones that are
# damaged, or that libpcap cannot read to the end, in $work/damaged. Sets
# $origin.
collect_captures()
{
    mkdir "$work/captures" "$work/damaged"
    for kind in micro nano micro-big nano-big pcapng pcapng-big one empty \
        lengths longest shortest oversize jumbo; do
        "$make_capture" "$kind" "$work/captures/$kind.pcap" || return 1
    done
    real=${TEPAL_CAPTURES:-$(find_captures)}
    : >"$work/found"
    [ ! "$real" ] || find "$real" -type f \( -name '*.pcap' -o \
        -name '*.pcapng' -o -name '*.cap' \) | sort >"$work/found"
    real_count=0
    while read -r file; do
        tcpdump -nr - -c 1 <"$file" 2>&1 >"$work/first" |
            grep -q 'EN10MB' || continue
        # with the folder's name: le/test001.pcapng, be/test001.pcapng
        name=real-$(basename "$(dirname "$file")")-${file##*/}
        folder=captures
        is_sound "$file" || folder=damaged
        [ ! -e "$work/$folder/$name.pcap" ] || return 1
        ln -s "$file" "$work/$folder/$name.pcap"
        real_count=$((real_count + 1))
    done <"$work/found"
    if [ "$real_count" -gt 0 ]; then
        origin="$real_count real ones, and 13 generated ones"
    else
        origin="13 generated ones only: bootstrap.sh could not fetch any"
    fi
    [ "$real_count" -ge 10 ] || [ -z "${TEPAL_CAPTURES:-}" ] || {
        echo "fewer than ten Ethernet captures in $TEPAL_CAPTURES"
        return 1
    }
    thin_out "$work/captures"
    thin_out "$work/damaged"
    [ -z "${TP_TEST_CAPTURES:-}" ] ||
        origin="$origin; $TP_TEST_CAPTURES of the real ones are played"
}
