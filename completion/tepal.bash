# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# tepal.bash - completion of tepal's command line in bash: commands, options,
# systems, devices and domains of the system that is named, faults, files.
#
# Words are taken from the line itself, because bash breaks them at "=", and
# COMPREPLY is what follows the last "=" then.

# Names of KIND (device or domain) in SYSTEM, as PROGRAM or the manifest says.
_tepal_names() # PROGRAM KIND SYSTEM
{
    if [[ -f $3 ]]; then
        awk -v kind="$2" '$1 == kind { print $2 }' "$3"
    else
        "$1" systems 2>/dev/null | awk -v kind="$2s:" -v name="$3" '
            /^[^ ]/ { here = $1 == name }
            here && $1 == kind {
                for (i = 2; i <= NF; i++)
                    if ($i !~ /^\(/)
                        print $i
            }'
    fi
}

_tepal_systems() # PROGRAM
{
    "$1" systems 2>/dev/null | awk '/^[^ ]/ { print $1 }'
}

# The system among the words behind "run": the first that is no option's value.
_tepal_system() # WORD...
{
    while [[ $# -gt 0 ]]; do
        case $1 in
        --quiet | --stats | --progress | --preload | --drop-when-full | --*=*)
            ;;
        --*) shift ;;
        *)
            echo "$1"
            return
            ;;
        esac
        shift
    done
}

_tepal_reply() # CURRENT WORD...
{
    local current=$1

    shift
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current")
}

_tepal_files() # CURRENT
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# NAME= for each name; the space comes after the value.
_tepal_assignments() # CURRENT NAME...
{
    _tepal_reply "$@"
    COMPREPLY=("${COMPREPLY[@]/%/=}")
    compopt -o nospace 2>/dev/null
}

# What an option of run may be followed by.
_tepal_value() # PROGRAM OPTION CURRENT SYSTEM
{
    local kind=device name=$3 value=$3

    [[ $2 != --data && $2 != --args && $2 != --kill ]] || kind=domain
    value=${value#*=}
    case $2 in
    --in | --out | --data | --args | --fault | --kill)
        if [[ $name != *=* ]]; then
            # shellcheck disable=SC2046 # one word each
            _tepal_assignments "$name" $(_tepal_names "$1" $kind "$4")
        elif [[ $2 == --fault ]]; then
            _tepal_reply "$value" "$_tepal_faults"
        elif [[ $2 != --args && $2 != --kill ]]; then
            _tepal_files "$value"
        fi
        ;;
    --pace) _tepal_reply "$value" top original ;;
    --on-*) _tepal_reply "$value" skip play stop ;;
    --clock) _tepal_reply "$value" real virtual ;;
    --json | --costs | --lib | --samples | --trace) _tepal_files "$value" ;;
    *) COMPREPLY=() ;;
    esac
}

_tepal_faults='link-flap unmapped-dma dd-never head-frozen enable-stuck
    reset-stuck eeprom-bad length-zero length-long eop-missing rx-error
    dd-spurious tail-range counter-wrap irq-duplicate irq-missed gone'
_tepal_run_options='--in --out --pace --speed --max-gap --loop --loop-delay
    --limit --duration --preload --on-truncated --on-oversize --on-backwards
    --on-linktype --drop-when-full --fault --data --args --kill --clock --seed
    --costs --samples --progress --stats --quiet --json --trace
    --lib'

_tepal_inject_options='--faults --seed --in --data --args --fault --pace
    --drop-when-full --quiet --json --lib'

# PROGRAM CURRENT PREVIOUS WORD...; $_tepal_options: which there are
_tepal_run()
{
    local program=$1 current=$2 previous=$3 system

    shift 3
    system=$(_tepal_system "$@")
    case $previous in
    --quiet | --stats | --progress | --preload | --drop-when-full) ;;
    --*=*) ;;
    --*)
        _tepal_value "$program" "$previous" "$current" "$system"
        return
        ;;
    esac
    if [[ $current == --*=* ]]; then
        _tepal_value "$program" "${current%%=*}" "${current#*=}" "$system"
    elif [[ $current == -* || $system ]]; then
        _tepal_reply "$current" "$_tepal_options"
    else
        _tepal_files "$current"
        # shellcheck disable=SC2046 # one word each
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W \
            "$(_tepal_systems "$program")" -- "$current")
    fi
}

_tepal()
{
    local line=${COMP_LINE:0:COMP_POINT} words current='' previous

    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] || {
        current=${words[-1]}
        unset 'words[-1]'
    }
    previous=${words[-1]}
    COMPREPLY=()
    if [[ ${#words[@]} -eq 1 ]]; then
        _tepal_reply "$current" run systems inject top ctl decode inspect \
            bench --help --version
        return
    fi
    case ${words[1]} in
    run | inject)
        _tepal_options=$_tepal_run_options
        [[ ${words[1]} == run ]] || _tepal_options=$_tepal_inject_options
        _tepal_run "${words[0]}" "$current" "$previous" "${words[@]:2}"
        ;;
    systems) _tepal_reply "$current" --json --lib ;;
    top) _tepal_reply "$current" --all --once ;;
    ctl)
        case $previous in
        list) _tepal_reply "$current" --json ;;
        kill | restart | replace)
            _tepal_reply "$current" $("${words[0]}" ctl list 2>/dev/null |
                awk 'NR > 1 { print $1 }')
            ;;
        *)
            if [[ ${words[-2]} == replace ]]; then
                _tepal_files "$current"
            else
                _tepal_reply "$current" list kill restart replace
            fi
            ;;
        esac
        ;;
    decode)
        case $previous in
        --flavour) _tepal_reply "$current" base gs ;;
        --memory | --budget) ;;
        *)
            _tepal_files "$current"
            [[ $current != -* ]] || _tepal_reply "$current" -o --output-dir \
                --memory --budget --flavour --json --lib --quiet
            ;;
        esac
        ;;
    inspect)
        _tepal_files "$current"
        [[ $current != -* ]] || _tepal_reply "$current" --json
        ;;
    bench)
        if [[ ${#words[@]} -eq 2 ]]; then
            _tepal_reply "$current" crossing heap network code verify
        else
            _tepal_reply "$current" --json --lib
        fi
        ;;
    esac
}

complete -F _tepal tepal
