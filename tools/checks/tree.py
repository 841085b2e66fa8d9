"""The tree that is checked, and what is said about it."""

import os
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from checks import cpp

SKIPPED_FOLDERS = {".git", "build", "__pycache__"}
CPP_SUFFIXES = {".cpp", ".hpp", ".h", ".cc"}


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong, at one place, and why it matters."""

    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass
class Source:
    """A text file of the tree; `path` is relative to the root, with forward slashes."""

    path: str
    text: str
    folder: str = field(init=False)

    def __post_init__(self):
        self.folder = self.path.split("/")[0] if "/" in self.path else ""

    @property
    def is_cpp(self):
        return Path(self.path).suffix in CPP_SUFFIXES

    @property
    def is_header(self):
        return Path(self.path).suffix in {".hpp", ".h"}

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def code(self):
        """The text without comments and without what stands in literals, line for line."""
        return cpp.blank(self.text, literals=True)

    @cached_property
    def code_lines(self):
        return self.code.splitlines()

    @cached_property
    def outline(self):
        return cpp.outline(self.code)

    @cached_property
    def includes(self):
        return cpp.includes(cpp.blank(self.text, literals=False))

    def is_under(self, *places):
        """Whether the file lies in one of `places` (folders), or is one of them (files without suffix)."""
        return any(self.path.startswith(p + "/") or self.path.startswith(p + ".") for p in places)


class Tree:
    """All files that belong to the repository: tracked, or new and not ignored."""

    def __init__(self, root):
        self.root = Path(root)
        self.sources = [s for s in (self._read(p) for p in sorted(self._paths())) if s]

    def cpp(self):
        return [s for s in self.sources if s.is_cpp]

    def has(self, path):
        return (self.root / path).exists()

    def git(self, *arguments):
        """What git says, or None where this is not a repository (an unpacked archive) or git refuses."""
        if not self.has(".git"):
            return None
        command = ["git", "-c", "safe.directory=*", "-C", str(self.root), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def _paths(self):
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listed is not None:
            return set(filter(None, listed.split("\0")))
        return set(self._walk())

    def _walk(self):
        for folder, subfolders, files in os.walk(self.root):
            subfolders[:] = [s for s in subfolders if s not in SKIPPED_FOLDERS]
            for name in files:
                yield (Path(folder) / name).relative_to(self.root).as_posix()

    def _read(self, path):
        try:
            return Source(path, (self.root / path).read_text(encoding="utf-8"))
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            return None  # a picture, a recording, a file deleted but not yet committed
