#!/usr/bin/env python3
"""Names the tests that ctest did not run: `tools/skipped_tests.py build/release/ctest.xml`."""

import sys
import xml.etree.ElementTree as xml

for case in xml.parse(sys.argv[1]).getroot().iter("testcase"):
    if case.get("status") in ("notrun", "disabled") or case.find("skipped") is not None:
        print(" ", case.get("name"))
