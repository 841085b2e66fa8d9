"""The length ratchet: no file over 500 lines, no function over 60; the list of exceptions may only shrink."""

import ast
import re
from dataclasses import dataclass

from checks.tree import Finding

FILE_LINES = 500
FUNCTION_LINES = 60
EXCEPTIONS = "tools/length_exceptions.txt"
CODE = re.compile(r"(\.(cpp|hpp|h|cc|py|sh|lua|cmake)|CMakeLists\.txt)$")


@dataclass(frozen=True)
class TooLong:
    """Something over its limit; `name` is empty for a whole file."""

    path: str
    name: str
    line: int
    length: int

    @property
    def key(self):
        return (self.path, self.name)

    def __str__(self):
        return f"{self.path} {self.name}".strip()


def functions(source):
    if source.is_cpp:
        return [(f.name, f.first_line, f.length) for f in source.outline.functions]
    if source.path.endswith(".py"):
        nodes = ast.walk(ast.parse(source.text))
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [(n.name, n.lineno, n.end_lineno - n.lineno + 1) for n in nodes if isinstance(n, kinds)]
    return []


def too_long(tree):
    for source in tree.sources:
        if not CODE.search(source.path) and not source.text.startswith("#!"):
            continue
        if len(source.lines) > FILE_LINES:
            yield TooLong(source.path, "", 1, len(source.lines))
        for name, line, length in functions(source):
            if length > FUNCTION_LINES:
                yield TooLong(source.path, name, line, length)


def parse(text):
    """`path lines` or `path function lines`, one a line: {(path, function): (lines, line number)}."""
    exceptions = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if words:
            exceptions[(words[0], words[1] if len(words) > 2 else "")] = (int(words[-1]), number)
    return exceptions


def check(tree):
    listed = next((s.text for s in tree.sources if s.path == EXCEPTIONS), "")
    exceptions = parse(listed)
    found = {}
    for item in too_long(tree):
        found[item.key] = max(item, found.get(item.key, item), key=lambda i: i.length)
    yield from check_found(found, exceptions)
    yield from check_exceptions(found, exceptions)
    yield from check_only_shrinks(tree, exceptions)


def check_found(found, exceptions):
    for item in found.values():
        limit = FUNCTION_LINES if item.name else FILE_LINES
        allowed, _ = exceptions.get(item.key, (limit, 0))
        if item.length > allowed:
            what = f"{item.name}()" if item.name else "the file"
            yield Finding(item.path, item.line, "length", f"{what} has {item.length} lines, {allowed} are allowed; split it")


def check_exceptions(found, exceptions):
    for key, (allowed, line) in exceptions.items():
        what = " ".join(key).strip()
        if key not in found:
            yield Finding(EXCEPTIONS, line, "length", f"{what} keeps the limit by now: remove its line")
        elif found[key].length < allowed:
            yield Finding(EXCEPTIONS, line, "length", f"{what} has {found[key].length} lines by now: lower its number")


def check_only_shrinks(tree, exceptions):
    """Against the commit before this one and against the place where this branch left main."""
    base = (tree.git("merge-base", "HEAD", "origin/main") or tree.git("merge-base", "HEAD", "main") or "").strip()
    for commit in dict.fromkeys(filter(None, ["HEAD", "HEAD~1", base])):
        text = tree.git("show", f"{commit}:{EXCEPTIONS}")
        if text is None:
            continue
        before = parse(text)
        for key, (allowed, line) in exceptions.items():
            if key not in before or allowed > before[key][0]:
                what = " ".join(key).strip()
                yield Finding(EXCEPTIONS, line, "length", f"{what} was added or raised: this list may only shrink")
