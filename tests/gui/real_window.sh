#!/usr/bin/env bash
# The real window, on a virtual display, driven as a person drives it: open the herd, play, stop, step back, select a worker.
# What happened is read off the window's title.
#
#   real_window.sh STACKSCOPE_GUI
set -euo pipefail
gui=$1
work=$(mktemp -d)
cleanup() { kill "${gui_pid-}" "${xvfb_pid-}" 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$work/display" 2>/dev/null &
xvfb_pid=$!
for ((i = 0; i < 400; ++i)); do [[ -s $work/display ]] && break; sleep 0.05; done
[[ -s $work/display ]] || { echo "Xvfb did not start within 20 s"; exit 1; }
DISPLAY=":$(tr -d '\n' <"$work/display")"
export DISPLAY
export SDL_VIDEODRIVER=x11 LIBGL_ALWAYS_SOFTWARE=1

"$gui" scenarios/thundering_herd.toml --width 1500 --height 860 2>"$work/errors" &
gui_pid=$!

window=""
title() { xdotool getwindowname "$window" 2>/dev/null || true; }
fail() { echo "$1; the title is \"$(title)\""; cat "$work/errors"; exit 1; }
wait_for() {  # WHAT PATTERN
    for ((i = 0; i < 400; ++i)); do
        [[ $(title) =~ $2 ]] && return
        sleep 0.05
    done
    fail "$1"
}
record() { [[ $(title) =~ record\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"; }

for ((i = 0; i < 400; ++i)); do
    window=$(xdotool search --pid "$gui_pid" --name stackscope 2>/dev/null | head -1 || true)
    [[ -n $window ]] && break
    sleep 0.05
done
[[ -n $window ]] || fail "no window opened"
xdotool windowfocus "$window" 2>/dev/null || true
wait_for "the herd did not open" "thundering_herd - record 0 "

for ((i = 0; i < 5; ++i)); do xdotool key --window "$window" plus; done   # 100 µs a second is slow: ten times faster, four times
xdotool key --window "$window" space
wait_for "it does not play" "record [0-9]{3,}"
xdotool key --window "$window" space
sleep 0.5
before=$(record)
xdotool key --window "$window" Left
wait_for "it does not step back" "record $((before - 1)) "

# A thread: those lie at the lower edge of the picture.
for y in 800 780 760 740 720 700 680 660; do
    xdotool mousemove --window "$window" 300 "$y" click 1
    sleep 0.3
    [[ $(title) =~ -\ task\ [0-9]+ ]] && { echo "selected: $(title)"; exit 0; }
done
fail "no worker could be selected"
