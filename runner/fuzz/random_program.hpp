#pragma once
// A random program for both kernels: statements that each make one call and print what came of it.

#include <cstdint>
#include <string>
#include <vector>

namespace stackscope {

/// One line of a random program.
struct Statement {
  std::string label;       // how its line of output begins: "12 epoll_ctl"; empty: it prints nothing itself
  std::string results;     // the variables that it sets: "r1, w1"; empty: none
  std::string expression;  // Lua: "pipe2(O_NONBLOCK)"
};

/// Statements in order. What they call takes no time that matters, so that everything but time is determined.
struct RandomProgram {
  std::uint64_t seed = 0;
  std::string family;
  bool is_concurrent =
      false;  // threads sleep, one statement happens, and all that follows from it, before the next
  std::vector<Statement> statements;
};

/// The program as a Lua file, with the few functions that print results. A statement without the ones before it that
/// set its variables ends in a Lua error, on either kernel the same one.
std::string to_lua(const RandomProgram& program);

}  // namespace stackscope
