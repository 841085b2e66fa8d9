#include "tests/userland/lua/lua_machine.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace stackscope::test {

class LuaMachine::Os final : public Syscalls {
 public:
  Os(LuaMachine& machine, Thread& thread) : machine_(machine), thread_(thread) {}

  std::int64_t read(int fd, Buffer to) override {
    const auto found = process().fds.find(fd);
    if (found == process().fds.end() || found->second.second) return -EBADF;
    Pipe& pipe = *found->second.first;
    machine_.sleep(thread_, [&pipe] { return !pipe.bytes.empty() || pipe.writers == 0; });
    const std::size_t size = pipe.bytes.copy(reinterpret_cast<char*>(to.data), to.size);
    pipe.bytes.erase(0, size);
    return static_cast<std::int64_t>(size);
  }
  std::int64_t write(int fd, ConstBuffer from) override {
    const auto found = process().fds.find(fd);
    if (found == process().fds.end() || !found->second.second) return -EBADF;
    found->second.first->bytes.append(reinterpret_cast<const char*>(from.data), from.size);
    return static_cast<std::int64_t>(from.size);
  }
  int close(int fd) override {
    const auto found = process().fds.find(fd);
    if (found == process().fds.end()) return -EBADF;
    if (found->second.second) --found->second.first->writers;
    process().fds.erase(found);
    return 0;
  }
  int pipe2(std::array<int, 2>& fds, int) override {
    auto made = std::make_shared<Pipe>();
    int fd = 3;
    for (int& end : fds) {
      while (process().fds.contains(fd)) ++fd;
      end = fd;
      process().fds[fd] = {made, &end == &fds[1]};
    }
    return 0;
  }
  int nanosleep(Duration time) override {
    const bool is_endless = time == Duration::max();
    machine_.sleep(thread_, [] { return false; }, is_endless ? INT64_MAX : machine_.now_ns + time.count());
    return 0;
  }
  int clock_gettime(int, timespec& now) override {
    now = {machine_.now_ns / 1'000'000'000, machine_.now_ns % 1'000'000'000};
    return 0;
  }
  void compute(Duration time) override { machine_.now_ns += time.count(); }
  int sched_yield() override {
    bool is_first = true;
    machine_.sleep(thread_, [is_first]() mutable { return !std::exchange(is_first, false); });
    return 0;
  }
  int thread_create(std::function<void(Syscalls&)> body) override {
    return machine_.start(process(), std::move(body));
  }
  int thread_join(int tid) override {
    if (tid == thread_.tid) return -EDEADLK;
    Thread* const other = machine_.find(tid);
    if (other == nullptr) return -ESRCH;
    machine_.sleep(thread_, [other] { return other->ended; });
    return 0;
  }
  int fork(std::function<int(Syscalls&)> child) override {
    Process& made = machine_.processes_.emplace_back();
    made.fds = process().fds;
    for (auto& [fd, end] : made.fds) end.first->writers += end.second;
    LuaMachine& machine = machine_;
    made.pid =
        machine.start(made, [&machine, &made, child](Syscalls& os) { machine.end(made, child(os) & 0xff); });
    return made.pid;
  }
  int waitpid(int pid, int& status, int) override {
    for (Process& other : machine_.processes_) {
      if (other.pid != pid || other.waited) continue;
      machine_.sleep(thread_, [&other] { return other.ended; });
      other.waited = true;
      status = other.status >= 256 ? other.status - 256 : other.status << 8;
      return pid;
    }
    return -ECHILD;
  }
  int kill(int pid, int signal) override {
    for (Process& other : machine_.processes_) {
      if (other.pid != pid) continue;
      if (signal != 0 && !other.ended) machine_.end(other, 256 + signal);
      return 0;
    }
    return -ESRCH;
  }
  int getpid() override { return process().pid; }
  int gettid() override { return thread_.tid; }
  void exit_group(int status) override {
    machine_.end(process(), status);
    thread_.fiber->suspend();
  }
  void wait_until_blocked(std::span<const int> tids) override {
    for (const int tid : tids) {
      Thread* const other = machine_.find(tid);
      machine_.sleep(thread_, [other] { return other->ended || (other->waits_for && !other->waits_for()); });
    }
  }
  std::int64_t wakeups(int tid) override { return machine_.find(tid)->sleeps; }
  std::optional<std::int64_t> counter(std::string_view name) override {
    if (name == "TcpExtListenOverflows") return 0;
    return std::nullopt;
  }
  void print(int stream, std::string_view line) override {
    std::string& to = stream == STDERR_FILENO ? machine_.err : machine_.out;
    to.append(line).append("\n");
  }
  void log(std::string_view line) override { machine_.records.push_back("log " + std::string(line)); }
  void mark(std::string_view name, bool begins) override {
    machine_.records.push_back((begins ? "begin " : "end ") + std::string(name));
  }

  // Not of this machine.
  int dup(int) override { return -ENOSYS; }
  int fcntl(int, int, int) override { return -ENOSYS; }
  int eventfd(unsigned, int) override { return -ENOSYS; }
  int epoll_create1(int) override { return -ENOSYS; }
  int epoll_ctl(int, int, int, epoll_event) override { return -ENOSYS; }
  int epoll_wait(int, std::span<epoll_event>, int) override { return -ENOSYS; }
  int poll(std::span<pollfd>, int) override { return -ENOSYS; }
  int socket(int, int, int) override { return -ENOSYS; }
  int bind(int, const SocketAddress&) override { return -ENOSYS; }
  int listen(int, int) override { return -ENOSYS; }
  int accept4(int, SocketAddress*, int) override { return -ENOSYS; }
  int connect(int, const SocketAddress&) override { return -ENOSYS; }
  int getsockname(int, SocketAddress&) override { return -ENOSYS; }
  int shutdown(int, int) override { return -ENOSYS; }
  int setsockopt(int, int, int, const void*, socklen_t) override { return -ENOSYS; }
  int getsockopt(int, int, int, void*, socklen_t&) override { return -ENOSYS; }
  Instant clock_gettime() override { return Instant::ns(machine_.now_ns); }
  int sched_setaffinity(std::uint64_t) override { return 0; }
  int futex_wait(unsigned, std::uint32_t, Duration) override { return -ENOSYS; }
  int futex_wake(unsigned, int) override { return -ENOSYS; }
  std::uint32_t load(unsigned) const override { return 0; }
  void store(unsigned, std::uint32_t) override {}
  int thread_number() const override { return 0; }
  int threads() const override { return 1; }
  std::uint32_t address_of(std::string_view) const override { return 0; }
  void note(std::string_view, std::int64_t) override {}
  void request_begins(std::uint64_t, int) override {}
  void request_ends(std::uint64_t, int) override {}

 private:
  Process& process() { return *thread_.process; }
  LuaMachine& machine_;
  Thread& thread_;
};

int LuaMachine::start(Process& process, std::function<void(Syscalls&)> body) {
  Thread& thread = threads_.emplace_back();
  thread.tid = next_id_++;
  thread.process = &process;
  thread.body = std::move(body);
  thread.os = std::make_unique<Os>(*this, thread);
  thread.fiber = std::make_unique<Fiber>(stacks_, &LuaMachine::enter, &thread);
  return thread.tid;
}

void LuaMachine::enter(void* argument) {
  auto& thread = *static_cast<Thread*>(argument);
  thread.body(*thread.os);
  thread.ended = true;
}

void LuaMachine::sleep(Thread& thread, std::function<bool()> what, std::int64_t until) {
  if (until < 0 && what()) return;
  thread.waits_for = std::move(what);
  thread.until = until;
  thread.fiber->suspend();
  thread.waits_for = nullptr;
  ++thread.sleeps;
}

LuaMachine::Thread* LuaMachine::find(int tid) {
  for (Thread& thread : threads_) {
    if (thread.tid == tid) return &thread;
  }
  return nullptr;
}

void LuaMachine::end(Process& process, int status) {
  process.ended = true;
  process.status = status;
  for (auto& [fd, end] : process.fds) end.first->writers -= end.second;
  for (Thread& thread : threads_) thread.ended = thread.ended || thread.process == &process;
}

LuaMachine::Thread* LuaMachine::next_runnable() {
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    Thread& thread = threads_[(turn_ + i) % threads_.size()];
    if (thread.ended || (thread.waits_for && !thread.waits_for())) continue;
    turn_ = (turn_ + i + 1) % threads_.size();
    return &thread;
  }
  Thread* first = nullptr;
  for (Thread& thread : threads_) {
    if (thread.ended || thread.until < 0 || thread.until == INT64_MAX) continue;
    if (first == nullptr || thread.until < first->until) first = &thread;
  }
  if (first != nullptr) now_ns = std::max(now_ns, first->until);
  return first;
}

int LuaMachine::run(LuaProgram& program) {
  Process& main = processes_.emplace_back();
  main.pid = start(main, [&program](Syscalls& os) { program.run(os); });
  while (!main.ended) {
    Thread* const thread = next_runnable();
    if (thread == nullptr) return -1;
    thread->fiber->resume();
  }
  return main.status;
}

std::string printed(const std::string& text, LuaLimits limits) {
  LuaProgram program({"prog.lua", text}, limits);
  LuaMachine machine;
  const int code = machine.run(program);
  std::string all = machine.out + machine.err;
  if (code != 0) all += "exit code " + std::to_string(code) + "\n";
  return all;
}

}  // namespace stackscope::test
