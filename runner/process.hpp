#pragma once
// Another process: started, waited for, and heard out.

#include <atomic>
#include <string>
#include <vector>

namespace stackscope {

struct ProcessOutput {
  int exit_code = 0;  // 128 + the signal's number where one ended it
  std::string out, err;
};

/// Runs a program with this environment and `more` ("NAME=VALUE"), and collects what it prints. `arguments[0]` is its name,
/// `program` its path. Once `*interrupted` is not 0 it is asked to end. Throws std::system_error where it cannot be started.
/// Safe beside other threads.
ProcessOutput run_process(const std::string& program, const std::vector<std::string>& arguments,
                          const std::vector<std::string>& more = {},
                          const std::atomic<int>* interrupted = nullptr);

/// The path of the running program.
std::string own_program();

}  // namespace stackscope
