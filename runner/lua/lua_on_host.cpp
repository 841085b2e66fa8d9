#include <array>
#include <fmt/format.h>
#include <optional>

#include "kernel_model/vocabulary/records.hpp"
#include "measure/real_run.hpp"
#include "runner/lua/lua_run.hpp"
#include "sim/moment.hpp"
#include "sim/recording_writer.hpp"
#include "sim/schema.hpp"
#include "sim/trace.hpp"

namespace stackscope {

namespace {

LuaRunResult result_of(const RealResult& run) {
  LuaRunResult result;
  switch (run.outcome) {
    case RealResult::Outcome::kFinished:
      result.exit_code = run.exit_code();
      break;
    case RealResult::Outcome::kDeadline:
      result.exit_code = 4;
      result.message = "no progress: it had not ended at the deadline";
      break;
    case RealResult::Outcome::kCannot:
      result.exit_code = 2;
      result.message = "the program cannot run on this kernel";
      break;
  }
  for (const RealStuckThread& thread : run.stuck) {
    result.stuck.push_back({fmt::format("{}/{}", thread.program, thread.number), thread.where});
  }
  result.notes = run.notes;
  return result;
}

/// The model's records of a real run, in a file.
class RealRecording {
 public:
  explicit RealRecording(const std::string& path) : file_(path) {}
  Trace& trace() { return trace_; }

 private:
  Moment moment_;
  const Schema schema_ = Schema::of<Records>();
  RecordingWriter file_;
  Trace trace_{moment_, schema_, file_};
};

}  // namespace

LuaOnHost::LuaOnHost() : runner_(std::make_unique<RealRunner>()) {}
LuaOnHost::~LuaOnHost() = default;

LuaRunResult LuaOnHost::run(const LuaSource& source, const LuaRunOptions& options, bool reuses_network) {
  LuaProgram program(source);
  RealProgram real;
  real.body = [&program](Syscalls& os) {
    program.run(os);
    return program.end().exit_code();
  };
  real.name = source.name;
  real.interpreter_lock = true;
  RealOptions how;
  how.deadline = options.deadline;
  how.on_line = options.on_line;
  how.network = reuses_network ? RealNetwork::kReused : RealNetwork::kFresh;
  std::optional<RealRecording> recording;
  if (!options.record.empty()) {
    recording.emplace(options.record);
    how.trace = &recording->trace();
    how.scheduler = true;
  }
  LuaRunResult result = result_of(runner_->run({&real, 1}, how));
  if (recording) recording->trace().finish();
  return result;
}

}  // namespace stackscope
