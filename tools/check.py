#!/usr/bin/env python3
"""What a compiler does not check here: floors, bans, lengths, and texts that must be there.

    tools/check.py                 check the tree; exit code 1 and one line a finding when something is wrong
    tools/check.py --differences   write docs/differences.md from the headers' `Differs:` lines
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from checks import bans, floors, lengths, texts  # noqa: E402
from checks.tree import Tree  # noqa: E402

CHECKS = [floors.check, bans.check, lengths.check, texts.check]


def findings(root):
    tree = Tree(root)
    return sorted({finding for check in CHECKS for finding in check(tree)})


def write_differences(root):
    page = Path(root) / texts.DIFFERENCES
    page.parent.mkdir(exist_ok=True)
    page.write_text(texts.differences(Tree(root)), encoding="utf-8")
    print(f"wrote {texts.DIFFERENCES}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", default=Path(__file__).resolve().parent.parent, help="the tree to check")
    parser.add_argument("--differences", action="store_true", help="write docs/differences.md")
    options = parser.parse_args()
    if options.differences:
        write_differences(options.root)
        return 0
    found = findings(options.root)
    for finding in found:
        print(finding)
    print(f"{len(found)} finding(s)" if found else "floors, bans, lengths and texts hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
