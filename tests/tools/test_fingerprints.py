"""tools/fingerprints finds each kind of difference between builds and the recorded file."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent.parent / "tools" / "fingerprints"


def a_run(scenario, variant, fingerprint, kernel="k"):
    layers = {"wire": "w", "kernel": kernel, "calls": "c", "program": "p"}
    return {"scenario": scenario, "variant": variant, "fingerprint": fingerprint, "layers": layers}


class Fingerprints(unittest.TestCase):
    """Builds are small scripts that print what a real one would."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "tests").mkdir()
        self.build("release", [a_run("herd", "each", "bb"), a_run("herd", "baseline", "aa")])

    def build(self, preset, runs, code=0):
        text = json.dumps({"version": "0", "runs": runs})
        program = self.root / "build" / preset / "stackscope"
        program.parent.mkdir(parents=True, exist_ok=True)
        (program.parent / "answer.json").write_text(text)
        program.write_text(f'#!/bin/sh\n[ "$*" = "run scenarios --json" ] || exit 2\n'
                           f'cat "${{0%/*}}/answer.json"\nexit {code}\n')
        program.chmod(0o755)

    def tool(self, *arguments):
        command = [sys.executable, str(TOOL), "--root", str(self.root), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def recorded(self):
        return (self.root / "tests" / "fingerprints.csv").read_text()

    def test_update_writes_a_sorted_file_that_then_holds(self):
        self.assertEqual(self.tool("--update"), (0, ""))
        self.assertEqual(self.recorded(), "scenario,variant,fingerprint\nherd,baseline,aa\nherd,each,bb\n")
        code, text = self.tool()
        self.assertEqual((code, text), (0, "2 fingerprints are equal under release, and as recorded\n"))

    def test_a_run_that_is_not_recorded_fails(self):
        code, text = self.tool()
        self.assertEqual(code, 1)
        self.assertIn("herd/baseline: not in tests/fingerprints.csv", text)

    def test_a_changed_fingerprint_fails(self):
        self.tool("--update")
        self.build("release", [a_run("herd", "baseline", "aa"), a_run("herd", "each", "b2")])
        self.assertEqual(self.tool(), (1, "herd/each: release b2, tests/fingerprints.csv bb\n"))

    def test_a_recorded_run_that_is_gone_fails(self):
        self.tool("--update")
        self.build("release", [a_run("herd", "baseline", "aa")])
        self.assertEqual(self.tool(), (1, "herd/each: in tests/fingerprints.csv, but it did not run\n"))

    def test_two_builds_that_differ_name_the_layer(self):
        self.tool("--update")
        self.build("asan", [a_run("herd", "baseline", "aa"), a_run("herd", "each", "b3", kernel="k2")])
        code, text = self.tool("release", "asan")
        self.assertEqual((code, text), (1, "herd/each: release bb, asan b3 (differs in: kernel)\n"))

    def test_a_build_that_leaves_a_run_out_fails(self):
        self.tool("--update")
        self.build("clang", [a_run("herd", "baseline", "aa")])
        self.assertEqual(self.tool("release", "clang"), (1, "herd/each: ran under release only\n"))

    def test_a_program_that_fails_is_no_agreement(self):
        self.tool("--update")
        self.build("asan", [], code=70)
        self.assertEqual(self.tool("release", "asan")[0], 1)
        self.build("asan", [])
        self.assertIn("no scenario ran", self.tool("release", "asan")[1])
        self.assertIn("is not built", self.tool("release", "debug")[1])

    def test_a_failed_expectation_is_the_tests_business(self):
        self.tool("--update")
        self.build("release", [a_run("herd", "each", "bb"), a_run("herd", "baseline", "aa")], code=1)
        self.assertEqual(self.tool()[0], 0)


if __name__ == "__main__":
    unittest.main()
