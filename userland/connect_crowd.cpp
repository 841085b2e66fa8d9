// Many clients that connect, each at its own time, hold their connection for a while and close it. A request is the connecting: it
// begins with the first SYN and ends when the connection is established.

#include <string>
#include <vector>

#include "kernel_model/crowd.hpp"
#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"

namespace stackscope {
namespace {

class ConnectCrowd final : public CrowdProgram {
 public:
  explicit ConnectCrowd(const Arguments& args)
      : host_(args.address("to").host),
        port_number_(args.address("to").port),
        every_(args.duration("every")),
        hold_(args.duration("hold")),
        is_over_(static_cast<std::size_t>(args.integer("clients"))) {}

  void start(CrowdPort& port) override {
    server_ = port.address_of(host_);
    start_ = port.now();
    start_clients(port);
  }
  void on_connected(CrowdPort& port, CrowdConnection connection) override {
    port.request_ends(connection.value, connection);
    if (!hold_) return end_client(port, connection);
    port.set_timer(port.now() + hold_, connection.value);
  }
  void on_data(CrowdPort&, CrowdConnection) override {
  }  // a server that closes first; we close when it is time
  void on_closed(CrowdPort& port, CrowdConnection connection, int error) override {
    if (is_over_[connection.value]) return;
    port.note("failed: connection", error);
    count_as_over(port, connection);
  }
  void on_timer(CrowdPort& port, std::uint64_t token) override {
    if (token == kStartClients) return start_clients(port);
    const CrowdConnection connection{static_cast<std::uint32_t>(token)};
    if (!is_over_[connection.value]) end_client(port, connection);
  }

 private:
  static constexpr std::uint64_t kStartClients = UINT64_MAX;  // other timers' tokens are connections

  /// Clients connect in the order of their numbers, so a connection's ordinal is its client's number.
  void start_clients(CrowdPort& port) {
    for (; started_ < is_over_.size(); ++started_) {
      const Instant due = start_ + every_ * static_cast<std::int64_t>(started_);
      if (due > port.now()) return port.set_timer(due, kStartClients);
      const CrowdConnection connection = port.connect(server_, port_number_, false);
      port.request_begins(connection.value, connection);
    }
  }
  void end_client(CrowdPort& port, CrowdConnection connection) {
    port.close(connection);
    count_as_over(port, connection);
  }
  void count_as_over(CrowdPort& port, CrowdConnection connection) {
    is_over_[connection.value] = true;
    if (++over_ == is_over_.size()) port.finish();
  }

  const std::string host_;
  const std::uint16_t port_number_;
  const Duration every_, hold_;
  std::vector<bool> is_over_;  // by client
  std::uint32_t server_ = 0;
  Instant start_;
  std::size_t started_ = 0, over_ = 0;
};

}  // namespace

std::unique_ptr<CrowdProgram> connect_crowd(const Arguments& args) {
  return std::make_unique<ConnectCrowd>(args);
}

}  // namespace stackscope
