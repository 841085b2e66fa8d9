#pragma once
// The results as JUnit XML, the form that CI systems draw.
//
// One <testsuite> a scenario; in each, for every variant, one <testcase> for the run itself ("runs to its
// end") and one an expectation, with classname "scenario.variant". What a scenario expects and does not get
// is a <failure>; a run that did not come to its end, and a scenario that was not run at all, are an <error>.
//
// Units:   `time` is simulated seconds, and belongs to the run's own test case: expectations take no time,
// and the
//          file is the same whenever and wherever it is written.
// Differs: `timestamp` is the epoch and `hostname` "localhost", which the schema requires and a repeatable
// file
//          cannot fill in. XML cannot hold most control characters, so they are written as "\x1b".
//
// The schema that the tests hold it against is tests/runner/junit.xsd.

#include <span>
#include <string>
#include <string_view>

#include "runner/results/run_result.hpp"

namespace stackscope {

/// Suites stand in the order in which their first run does; of those without a run, their refusal.
std::string junit_xml(std::span<const RunResult> runs, std::string_view version,
                      std::span<const NotRun> not_run = {});

}  // namespace stackscope
