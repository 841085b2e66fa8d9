#!/usr/bin/env bash
# What stackscope-gui is told on its command line: exit code 0, 1 where a script fails, 2 where it cannot be done as told.
#
#   arguments.sh STACKSCOPE_GUI
set -uo pipefail
gui=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

expect() {  # CODE PART-OF-WHAT-IS-SAID ARGUMENT...
    local code=$1 said=$2 output
    shift 2
    output=$(timeout 60 "$gui" "$@" 2>&1)
    local got=$?
    [[ $got == "$code" && $output == *"$said"* ]] && return
    echo "stackscope-gui $*: exit code $got, not $code, or it does not say \"$said\": $output"
    failures=$((failures + 1))
}

echo 'expect title "first_request"' >"$work/opened.txt"
echo 'expect titel "first_request"' >"$work/misspelt.txt"
echo 'expect title ""' >"$work/not_empty.txt"
printf 'click scenario thundering_herd\nclick button thundering_herd wire\nexpect title "wire"\n' >"$work/out_of_sight.txt"
printf 'size 1280 360\n' | cat - "$work/out_of_sight.txt" >"$work/small.txt"
scenario=scenarios/first_request.toml

expect 0 "--script" --help
expect 2 "--nonsense" --nonsense
expect 2 "--headless" --script "$work/opened.txt" "$scenario"
expect 2 "--script FILE" --headless
expect 2 "cannot be read" --headless --script "$work/none.txt"
expect 0 "" --headless "$scenario"
expect 0 "" --headless --set host.server.cpus=2 "$scenario"
expect 2 "broken.toml:4:1" --headless tests/gui/files/broken.toml
expect 2 "no_recording.bin" --headless tests/gui/files/no_recording.bin
expect 0 "" --headless --script "$work/opened.txt" --set host.server.cpus=2 "$scenario"
expect 1 'did you mean "title"?' --headless --script "$work/misspelt.txt" "$scenario"
expect 1 'not ""' --headless --script "$work/not_empty.txt" "$scenario"
expect 0 "" --headless --script "$work/small.txt"
((failures == 0))
