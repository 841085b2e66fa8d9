#pragma once
// A small kernel for Lua programs: threads, processes, pipes and time, on fibers, without costs.
//
// A thread runs until it sleeps; those that were woken go on in the order in which that happened.

#include <cerrno>
#include <csignal>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include "kernel_model/syscalls.hpp"
#include "sim/fiber.hpp"
#include "userland/lua/lua_program.hpp"

namespace stackscope::test {

class LuaMachine {
 public:
  LuaMachine() = default;

  /// Runs the program until it ends, or nothing goes on. Returns its exit code; −1 where it did not end.
  int run(LuaProgram& program);

  std::string out, err;
  std::vector<std::string> records;
  std::int64_t now_ns = 0;

 private:
  class Os;
  struct Pipe {
    std::string bytes;
    int writers = 1;
  };
  struct Process {
    int pid;
    bool ended = false, waited = false;
    int status = 0;
    std::map<int, std::pair<std::shared_ptr<Pipe>, bool>> fds;  // whether it is the writing end
  };
  struct Thread {
    int tid;
    Process* process;
    std::function<void(Syscalls&)> body;
    std::unique_ptr<Syscalls> os;
    std::unique_ptr<Fiber> fiber;
    bool ended = false;
    std::function<bool()> waits_for;  // empty: runnable
    std::int64_t until = -1;
    int sleeps = 0;
  };

  int start(Process& process, std::function<void(Syscalls&)> body);
  void sleep(Thread& thread, std::function<bool()> what, std::int64_t until = -1);
  Thread* next_runnable();
  Thread* find(int tid);
  void end(Process& process, int status);
  static void enter(void* thread);

  StackPool stacks_{1u << 20};
  std::deque<Process> processes_;
  std::deque<Thread> threads_;
  std::size_t turn_ = 0;
  int next_id_ = 100;
};

/// What a program printed, with its exit code and standard error where they are not 0 and "".
std::string printed(const std::string& text, LuaLimits limits = {});

}  // namespace stackscope::test
