#pragma once
// What tests on the kernel underneath share: one runner, programs in a line, lines as they were printed.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "measure/real_run.hpp"

namespace stackscope {

/// A run of one program, and what it printed: "1:hello" on standard output.
struct RealTest {
  RealOptions options{.deadline = Duration::s(10), .network = RealNetwork::kReused};
  std::vector<std::string> lines;

  RealResult run(std::vector<RealProgram> programs) {
    options.on_line = [this](int stream, std::string_view line) {
      lines.push_back(std::to_string(stream) + ":" + std::string(line));
    };
    return runner.run(programs, options);
  }
  RealResult run(std::function<int(Syscalls&)> body, bool interpreter_lock = false) {
    RealProgram program{.body = std::move(body)};
    program.interpreter_lock = interpreter_lock;
    std::vector<RealProgram> programs;
    programs.push_back(std::move(program));
    return run(std::move(programs));
  }
  /// REQUIREs that it ended by itself, and answers what it printed.
  std::vector<std::string> printed_by(std::function<int(Syscalls&)> body, bool interpreter_lock = false) {
    const RealResult result = run(std::move(body), interpreter_lock);
    REQUIRE(result.outcome == RealResult::Outcome::kFinished);
    CHECK(result.exit_code() == 0);
    return lines;
  }

  RealRunner runner;
};

/// A number as a program says it.
struct Said {
  Said(auto number) : text(std::to_string(number)) {}  // NOLINT: numbers convert
  std::string text;
};

/// Programs cannot fail a test themselves: they say what they see. In braces, so that calls are made from left to right.
inline void say(Syscalls& os, std::initializer_list<Said> values) {
  std::string line;
  for (const Said& value : values) line += (line.empty() ? "" : " ") + value.text;
  os.print(1, line);
}

using Lines = std::vector<std::string>;

inline ConstBuffer bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline Buffer room(std::string& text) { return {reinterpret_cast<std::byte*>(text.data()), text.size()}; }

}  // namespace stackscope
