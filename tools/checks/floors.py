"""Floors: a folder includes, and a target links, only what stands below it (docs/ARCHITECTURE.md)."""

import re
from pathlib import PurePosixPath

from checks.tree import Finding

# What each floor may include besides itself: whole folders, or places inside one.
MAY_INCLUDE = {
    "sim": [],
    "kernel_model": ["sim"],
    "userland": ["sim", "kernel_model/syscalls", "kernel_model/crowd", "kernel_model/vocabulary"],
    "analysis": ["sim", "kernel_model/vocabulary"],
    "measure": ["sim", "kernel_model/syscalls", "kernel_model/crowd", "kernel_model/vocabulary", "userland"],
    "runner": ["sim", "kernel_model", "userland", "analysis", "measure"],
    "gui": ["sim", "kernel_model/vocabulary", "analysis", "runner/session*", "runner/scenario", "runner/results", "runner/name_checks*"],
}

# Places that must not know certain others, and why.
MUST_NOT_INCLUDE = [
    (
        ["kernel_model/net", "kernel_model/timers"],
        ["kernel_model/scheduler", "kernel_model/hardware/cpu", "kernel_model/files", "kernel_model/readiness",
         "kernel_model/completion", "kernel_model/host"],
        "ideal hosts, which have no CPU and no files, share it",
    ),
    (
        ["kernel_model/vocabulary"],
        ["kernel_model/" + part for part in (
            "costs", "host", "syscalls", "hardware", "softirq", "net", "timers", "scheduler", "files", "readiness",
            "completion")],
        "the vocabulary is what everybody may know, so it knows nobody",
    ),
    (
        ["kernel_model/syscalls", "kernel_model/crowd"],
        ["kernel_model/" + part for part in (
            "costs", "host", "hardware", "softirq", "net", "timers", "scheduler", "files", "readiness", "completion")],
        "programs know these doors only, and through it the whole model would follow",
    ),
]

# Headers of the system that only some floors may see.
SYSTEM_HEADERS = [
    (r"SDL|imgui|GL/|ft2build", ["gui"], "only the window knows SDL and Dear ImGui; the command line never starts them"),
    (r"(sys/(socket|epoll|eventfd|timerfd|select|un)|netinet/.*|arpa/.*|net/.*|netdb|poll|linux/.*)\.h$",
     ["kernel_model", "userland", "analysis", "measure", "runner", "gui"], "sim has never heard of a network"),
]

NETWORK_WORD = re.compile(r"\b\w*(?:tcp|socket|epoll|packet|sk_?buff)\w*\b", re.IGNORECASE)


def lies_in(path, place):
    """`place` is a folder, a file without its suffix, or a beginning of names (with a star)."""
    if place.endswith("*"):
        return path.startswith(place[:-1])
    return path == place or path.startswith((place + "/", place + "."))


def check(tree):
    for source in tree.cpp():
        yield from check_includes(tree, source)
        yield from check_words(source)
    yield from check_links(tree)


def check_includes(tree, source):
    for include in source.includes:
        complaint = quoted(tree, source, include.path) if include.is_quoted else system(source, include.path)
        if complaint:
            yield Finding(source.path, include.line, "floors", complaint)


def system(source, path):
    for pattern, floors, reason in SYSTEM_HEADERS:
        if source.folder in MAY_INCLUDE and source.folder not in floors and re.match(pattern, path):
            return f"{source.folder} must not include <{path}>: {reason}"
    return None


def quoted(tree, source, path):
    folder = path.split("/")[0]
    if folder not in MAY_INCLUDE and folder != "tests":
        beside = PurePosixPath(source.path).parent / path
        if tree.has(beside.as_posix()) or "/" not in path:
            return f'write includes from the root: "{beside}", not "{path}"'
        return None
    if source.folder not in MAY_INCLUDE:
        return None  # tests and tools may look at everything
    allowed = [source.folder, *MAY_INCLUDE[source.folder]]
    if not any(lies_in(path, place) for place in allowed):
        below = ", ".join(allowed[1:]) or "nothing"
        return f'{source.folder} must not include "{path}": of other floors it may know {below}'
    for places, forbidden, reason in MUST_NOT_INCLUDE:
        if source.is_under(*places) and any(lies_in(path, place) for place in forbidden):
            return f'"{path}" must not be included here: {reason}'
    return None


def check_words(source):
    if source.folder != "sim":
        return
    for number, line in enumerate(source.code_lines, 1):
        found = NETWORK_WORD.search(line)
        if found and not line.lstrip().startswith("#"):
            yield Finding(source.path, number, "floors", f"'{found.group(0)}': sim has never heard of a network")


COMMAND = re.compile(r"\b(stackscope_floor|target_link_libraries)\s*\(\s*([\w-]+)([^)]*)\)", re.IGNORECASE)


def check_links(tree):
    for source in tree.sources:
        if PurePosixPath(source.path).name != "CMakeLists.txt":
            continue
        text = re.sub(r"#[^\n]*", "", source.text)
        for command in COMMAND.finditer(text):
            line = text.count("\n", 0, command.start()) + 1
            for complaint in links(command.group(2), command.group(3).split()):
                yield Finding(source.path, line, "floors", complaint)


def links(target, libraries):
    allowed = {place.split("/")[0] for place in MAY_INCLUDE.get(target, MAY_INCLUDE)}
    for library in libraries:
        if library in MAY_INCLUDE and library != target and library not in allowed:
            yield f"{target} must not link {library}: it does not stand below"
        if re.match(r"(?i)(PkgConfig::)?(SDL|IMGUI)", library) and "gui" not in target and target != "PkgConfig::IMGUI":
            yield f"{target} must not link {library}: only the window knows SDL and Dear ImGui"
