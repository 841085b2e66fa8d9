#!/usr/bin/env bash
# Recordings that are cut off, damaged, foreign or old say what is wrong with them, and the window goes on; without a display,
# or without OpenGL, it says what is missing.
#
#   damaged.sh STACKSCOPE STACKSCOPE_GUI
set -uo pipefail
stackscope=$1 gui=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

complain() {
    echo "$1"
    failures=$((failures + 1))
}

shows() {  # RECORDING NAME TEXT: what stands there when it is opened; then a scenario is opened as always
    printf 'open %s\nexpect %s "%s"\nopen scenarios/first_request.toml\nexpect position "0 / 1,"\n' "$1" "$2" "$3" >"$work/script.txt"
    local said
    said=$(timeout 60 "$gui" --headless --script "$work/script.txt" 2>&1) || complain "$1: $said"
}

says() {  # TEXT COMMAND…: exit code 2, and the text on stderr
    local text=$1 said
    shift
    said=$(timeout 60 "$@" 2>&1)
    local code=$?
    [[ $code == 2 && $said == *"$text"* ]] || complain "$*: exit code $code, or it does not say \"$text\": $said"
}

whole=$work/whole.stackscope
"$stackscope" run scenarios/first_request.toml --variant baseline --record "$whole" --quiet || complain "no recording"
bytes=$(stat -c %s "$whole")

head -c $((bytes * 2 / 3)) "$whole" >"$work/cut.stackscope"  # a run that was killed while it wrote
shows "$work/cut.stackscope" notice "cut off"
head -c 10 "$whole" >"$work/begun.stackscope"
shows "$work/begun.stackscope" error "begun.stackscope"
: >"$work/empty.stackscope"
shows "$work/empty.stackscope" error "empty.stackscope"
head -c 4096 "$gui" >"$work/foreign.stackscope"
shows "$work/foreign.stackscope" error "not a recording of stackscope"
shows "$work" error "$work"

# One byte is wrong, somewhere: it is found, or what is shown is as far as it is right; never a crash.
for share in 1 2 3 4 5 6 7 8 9; do
    cp "$whole" "$work/flipped.stackscope"
    printf '\x55' | dd of="$work/flipped.stackscope" bs=1 seek=$((bytes * share / 10)) conv=notrunc status=none
    printf 'open %s\nopen scenarios/first_request.toml\nexpect position "0 / 1,"\n' "$work/flipped.stackscope" >"$work/script.txt"
    said=$(timeout 60 "$gui" --headless --script "$work/script.txt" 2>&1) || complain "a wrong byte at $share/10: $said"
done

shows tests/sim/data/format-1.recording position "0 / 3"  # of the first format there was

says "apt install libgl1-mesa-dri" env SDL_VIDEODRIVER=dummy "$gui" scenarios/first_request.toml
says "there is no display" env -u DISPLAY -u WAYLAND_DISPLAY -u SDL_VIDEODRIVER "$gui" scenarios/first_request.toml
((failures == 0))
