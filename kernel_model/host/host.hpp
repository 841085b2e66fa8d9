#pragma once
// A full host: owns the parts and wires them. No logic.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel_model/costs/costs.hpp"
#include "kernel_model/files/fd_table.hpp"
#include "kernel_model/host/host_network.hpp"
#include "kernel_model/host/processes.hpp"
#include "kernel_model/host/processors.hpp"
#include "kernel_model/readiness/epoll.hpp"

namespace stackscope {

struct HostConfig {
  std::string name;
  std::uint8_t ordinal = 1;
  std::uint8_t cpus = 1;
  Hz hz;
  Duration tick_phase;
  std::uint32_t address = 0;  // host byte order
  Sysctls sysctls;
  NetdevLimits netdev;
};

class Host {
 public:
  /// `shared` and `costs` must outlive the host.
  Host(const Shared& shared, HostConfig config, const Costs& costs);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const HostConfig& config() const { return config_; }
  /// May change while the host runs. Linux: sysctl(8)
  Sysctls& sysctls() { return config_.sysctls; }
  Engine& engine() { return shared_.engine; }
  const Engine& engine() const { return shared_.engine; }
  Trace& trace() { return shared_.trace; }
  const Tick& tick() const { return tick_; }
  Processors& processors() { return processors_; }
  Scheduler& scheduler() { return processors_.scheduler(); }
  Files& files() { return files_; }
  EpollShared& epolls() { return epolls_; }
  HostNetwork& network() { return network_; }
  TcpStack& tcp() { return network_.tcp(); }
  const Costs& costs() const { return costs_; }
  const SocketCosts& socket_costs() const { return costs_.socket; }

  /// Puts the host's one NIC on a link.
  Nic& attach(Link& link, Link::Side side, const NicConfig& config);

  /// Null where the host has none.
  const Nic* nic() const { return nic_.get(); }
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_.all(); }
  Processes& process_table() { return processes_; }

  /// A new process without threads. Linux: kernel/fork.c
  Process& create_process();
  /// A thread of a process: `body` runs in user mode, and the thread ends with it.
  Task& create_thread(Process& process, TaskAttributes attributes, std::function<void()> body);

  /// Where lines go that programs print, beside the recording: a whole line to standard output or standard error.
  using Output = std::function<void(int stream, std::string_view line)>;
  void set_output(Output output) { output_ = std::move(output); }
  void print(int stream, std::string_view line) {
    if (output_) output_(stream, line);
  }

  /// Host byte order: this host is reached over loopback.
  std::uint32_t address_of(std::string_view host) const;

 private:
  static RecordId announce(const Shared& shared, const HostConfig& config);

  Shared shared_;
  HostConfig config_;
  const Costs& costs_;
  RecordId announced_;
  Tick tick_;
  Processors processors_;
  HostNetwork network_;
  EpollShared epolls_;
  Files files_;
  std::unique_ptr<Nic> nic_;
  Processes processes_;
  Output output_;
};

}  // namespace stackscope
