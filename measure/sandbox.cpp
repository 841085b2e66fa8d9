#include "measure/sandbox.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure/small_file.hpp"
#include "sim/asan.hpp"

namespace stackscope {

namespace {

constexpr rlim_t kMostDescriptors = 1 << 20;

bool bring_loopback_up() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool is_up = fd >= 0 && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  if (fd >= 0) ::close(fd);
  return is_up;
}

/// Whether a line of sockstat begins so: "TCP: inuse 0 orphan 3 tw 0 …", where orphans are the whole machine's.
bool says(const std::string& sockstat, std::string_view line, std::string_view field) {
  const std::size_t at = sockstat.find(line);
  if (at == std::string::npos) return false;
  const std::string_view rest = std::string_view(sockstat).substr(at, sockstat.find('\n', at) - at);
  return rest.find(field) != std::string_view::npos;
}

}  // namespace

bool map_own_user(unsigned uid, unsigned gid) {
  write_small_file("/proc/self/setgroups", "deny");
  return write_small_file("/proc/self/uid_map", fmt::format("{0} {0} 1", uid)) &&
         write_small_file("/proc/self/gid_map", fmt::format("{0} {0} 1", gid));
}

bool make_own_network() {
  if (::unshare(CLONE_NEWNET) != 0 || !bring_loopback_up()) return false;
  // A new namespace has the kernel's own defaults, which distributions' kernels may have changed.
  write_small_file("/proc/sys/net/core/somaxconn", "4096");
  write_small_file("/proc/sys/net/ipv4/tcp_syncookies", "1");
  return true;
}

bool has_other_congestion_control() {
  return !read_small_file("/proc/sys/net/ipv4/tcp_congestion_control").starts_with("cubic");
}

void keep_descriptors(int out, int err) {
  constexpr int kAbove = 10;  // so that none of them is in the way of another
  const int from[] = {::open("/dev/null", O_RDONLY), out, err};
  int high[3];
  for (int i = 0; i < 3; ++i) high[i] = ::fcntl(from[i], F_DUPFD, kAbove);
  for (int i = 0; i < 3; ++i) ::dup2(high[i], i);
  ::close_range(3, ~0u, 0);
}

std::vector<int> ignored_signals() {
  std::vector<int> ignored;
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    struct sigaction present{};
    if (::sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN)
      ignored.push_back(signal);
  }
  return ignored;
}

std::int64_t most_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::int64_t>(std::min(limit.rlim_max, kMostDescriptors));
}

std::int64_t set_limits(std::int64_t memory_bytes) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const rlim_t most = static_cast<rlim_t>(most_descriptors());
  const rlimit descriptors{most, most};
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
#ifndef STACKSCOPE_ASAN  // whose shadow would be counted
  const rlimit data{static_cast<rlim_t>(memory_bytes), static_cast<rlim_t>(memory_bytes)};
  ::setrlimit(RLIMIT_DATA, &data);
#else
  (void)memory_bytes;
#endif
  std::signal(SIGPIPE, SIG_IGN);
  return static_cast<std::int64_t>(most);
}

bool set_scheduling(const RealProgram& program) {
  bool is_set = true;
  if (!program.affinity.empty()) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (const int cpu : program.affinity) CPU_SET(static_cast<unsigned>(cpu), &cpus);
    is_set = ::sched_setaffinity(0, sizeof cpus, &cpus) == 0;
  }
  if (program.nice != 0) is_set = ::setpriority(PRIO_PROCESS, 0, program.nice) == 0 && is_set;
  if (program.policy != SchedPolicy::kOther) {
    sched_param parameters{};
    parameters.sched_priority = program.priority;
    const int policy = program.policy == SchedPolicy::kFifo         ? SCHED_FIFO
                       : program.policy == SchedPolicy::kRoundRobin ? SCHED_RR
                                                                    : SCHED_IDLE;
    is_set = ::sched_setscheduler(0, policy, &parameters) == 0 && is_set;
  }
  return is_set;
}

// --- a network for many runs -----------------------------------------------------------------------------------------

ReusedNetwork::~ReusedNetwork() {
  if (network_ >= 0) ::close(network_);
}

int ReusedNetwork::clean() {
  const int own = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0) return -1;
  if (network_ < 0 || !is_clean(own)) make(own);
  ::close(own);
  return network_;
}

bool ReusedNetwork::is_clean(int own) const {
  if (::setns(network_, CLONE_NEWNET) != 0) return false;
  const std::string v4 = read_small_file("/proc/thread-self/net/sockstat");
  const std::string v6 = read_small_file("/proc/thread-self/net/sockstat6");
  ::setns(own, CLONE_NEWNET);
  return says(v4, "TCP:", " inuse 0 ") && says(v4, "TCP:", " tw 0 ") && says(v4, "UDP:", " inuse 0 ") &&
         (v6.empty() || v6.find("TCP6: inuse 0\n") != std::string::npos);
}

void ReusedNetwork::make(int own) {
  if (network_ >= 0) ::close(network_);
  network_ = -1;
  if (make_own_network()) network_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  ::setns(own, CLONE_NEWNET);
}

}  // namespace stackscope
