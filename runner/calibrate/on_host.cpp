#include "kernel_model/vocabulary/records.hpp"
#include "measure/real_run.hpp"
#include "measure/scheduling_trial.hpp"
#include "runner/calibrate/run_exercise.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope {

StepTimes times_on_host(const Exercise& exercise, RealRunner& runner, std::string& why_not) {
  RealProgram program;
  program.body = exercise.body;
  program.name = "calibrate";
  program.threads = exercise.threads;
  program.counts_wakeups = false;
  program.policy = SchedPolicy::kFifo, program.priority = 50;
  program.affinity = exercise.cpus;
  if (!may_be_scheduled(program)) {
    why_not = "SCHED_FIFO is refused here: it needs root or CAP_SYS_NICE";
    return {};
  }
  Moment moment;
  const Schema schema = Schema::of<Records>();
  MemoryRecording recording;
  Trace trace(moment, schema, recording);
  const StepTimer timer(trace);
  RealOptions how;
  how.deadline = Duration::s(60);
  how.trace = &trace;
  how.scheduler = true;  // its tracepoints take time
  const RealResult run = runner.run({&program, 1}, how);
  if (run.outcome != RealResult::Outcome::kFinished) why_not = exercise.name + " did not come to an end";
  return timer.times(exercise);
}

}  // namespace stackscope
