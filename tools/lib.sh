# shellcheck shell=bash
# Shared by tools/run, tools/test and .ci/run. Sourced by bash with `set -euo pipefail`; expects `root`.

jobs=${JOBS:-$(nproc)}

say() { printf '%s\n' "$*" >&2; }

# Configures a preset when needed: ninja itself notices a changed CMakeLists.txt, but not changed presets.
configure() {
    local preset=$1 build="$root/build/$1"
    if [[ ! -f $build/build.ninja || ! $build/.configured -nt $root/CMakePresets.json ]]; then
        say "configuring $preset"
        mkdir -p "$build"
        (cd "$root" && cmake --preset "$preset" >"$build/configure.log" 2>&1) || { cat "$build/configure.log" >&2; return 1; }
        touch "$build/.configured"
    fi
}

# Builds targets of a preset. A terminal sees ninja's progress; elsewhere there is nothing to read unless it fails.
build() {
    local preset=$1 build="$root/build/$1"
    shift
    if [[ -t 2 ]]; then
        NINJA_STATUS="building $preset [%f/%t] " ninja -C "$build" -j "$jobs" "$@" >&2
    else
        ninja -C "$build" -j "$jobs" "$@" >"$build/build.log" 2>&1 || { grep -v '^\[' "$build/build.log" >&2 || true; return 1; }
    fi
}
