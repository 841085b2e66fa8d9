#include "runner/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace stackscope {
namespace {

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

/// Both ends close on exec, so that processes which other threads start at the same time do not hold them open.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) fail(errno, "pipe");
  }
  ~Pipe() { close_writer(), close_end(0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() { close_end(1); }

  /// Reads what is there; false at its end.
  bool read_into(std::string& text) const {
    std::array<char, 65536> buffer;
    const ssize_t got = read(reader(), buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
  }

 private:
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t start(const std::string& program, std::vector<std::string> arguments,
            std::vector<std::string> environment, const Pipe& out, const Pipe& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.writer(), STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), &actions, nullptr, pointers_to(arguments).data(),
                                pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail(error, program.c_str());
  return child;
}

/// A signal may reach any thread, so that it need not end this one's poll(): how long it may take to be seen.
constexpr int kLookMs = 50;

void collect(const Pipe& out, const Pipe& err, pid_t child, const std::atomic<int>* interrupted,
             ProcessOutput& output) {
  std::array<pollfd, 2> ends{pollfd{out.reader(), POLLIN, 0}, pollfd{err.reader(), POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const int ready = poll(ends.data(), ends.size(), interrupted == nullptr ? -1 : kLookMs);
    if (ready < 0 && errno != EINTR) fail(errno, "poll");
    if (interrupted != nullptr && interrupted->load() != 0) {
      kill(child, SIGTERM);
      interrupted = nullptr;
    }
    if (ready <= 0) continue;
    if (ends[0].revents != 0 && !out.read_into(output.out)) ends[0].fd = -1;
    if (ends[1].revents != 0 && !err.read_into(output.err)) ends[1].fd = -1;
  }
}

}  // namespace

ProcessOutput run_process(const std::string& program, const std::vector<std::string>& arguments,
                          const std::vector<std::string>& more, const std::atomic<int>* interrupted) {
  std::vector<std::string> environment = more;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  Pipe out, err;
  const pid_t child = start(program, arguments, std::move(environment), out, err);
  out.close_writer(), err.close_writer();
  ProcessOutput output;
  collect(out, err, child, interrupted, output);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail(errno, "waitpid");
  }
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

}  // namespace stackscope
