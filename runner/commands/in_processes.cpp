#include "runner/commands/in_processes.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace stackscope {

namespace {

struct Child {
  pid_t pid = 0;
  int output = -1;
  std::string text = {};
  bool is_open() const { return output >= 0; }
};

[[noreturn]] void live(int output, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(output, text.data() + at, text.size() - at);
    if (written <= 0) break;
    at += static_cast<std::size_t>(written);
  }
  ::_exit(0);
}

Child start(std::size_t number, const std::function<std::string(std::size_t)>& work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  const pid_t pid = ::fork();
  if (pid == 0) live(ends[1], work(number));
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    throw std::system_error(errno, std::generic_category(), "fork");
  }
  return {pid, ends[0]};
}

/// Until one of them at least has said something or has ended.
void hear(std::deque<Child>& children) {
  std::vector<pollfd> sources;
  sources.reserve(children.size());
  for (const Child& child : children) sources.push_back({child.output, POLLIN, 0});
  ::poll(sources.data(), sources.size(), -1);
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (sources[i].revents == 0) continue;
    char piece[4096];
    const ssize_t length = ::read(children[i].output, piece, sizeof piece);
    if (length > 0) {
      children[i].text.append(piece, static_cast<std::size_t>(length));
    } else {
      ::close(std::exchange(children[i].output, -1));
      ::waitpid(children[i].pid, nullptr, 0);
    }
  }
}

}  // namespace

void in_processes(std::size_t count, int jobs, const std::function<std::string(std::size_t)>& work,
                  const std::function<void(std::size_t, const std::string&)>& done) {
  std::deque<Child> children;  // those that have not been told of, the first one's number is `told`
  std::size_t told = 0;
  while (told < count) {
    const auto open = std::ranges::count_if(children, &Child::is_open);
    if (told + children.size() < count && open < jobs) {
      children.push_back(start(told + children.size(), work));
    } else {
      hear(children);
    }
    for (; !children.empty() && !children.front().is_open(); children.pop_front()) {
      done(told++, children.front().text);
    }
  }
}

}  // namespace stackscope
