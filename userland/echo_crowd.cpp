// Many clients, each on one connection, that write messages and wait for the answers. Unlike echo_client, a client reads
// while its message is still on the way out, so no message is too large.

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "kernel_model/crowd.hpp"
#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"

namespace stackscope {
namespace {

class EchoCrowd final : public CrowdProgram {
 public:
  explicit EchoCrowd(const Arguments& args)
      : host_(args.address("to").host),
        port_number_(args.address("to").port),
        messages_(static_cast<std::uint64_t>(args.integer("messages"))),
        size_(args.bytes("size")),
        every_(args.duration("every")),
        think_(args.duration("think")),
        clients_(static_cast<std::size_t>(args.integer("clients"))) {}

  void start(CrowdPort& port) override {
    server_ = port.address_of(host_);
    start_ = port.now();
    start_clients(port);
  }
  void on_connected(CrowdPort& port, CrowdConnection connection) override { begin_message(port, connection); }
  void on_writable(CrowdPort& port, CrowdConnection connection) override { send_rest(port, connection); }
  void on_data(CrowdPort& port, CrowdConnection connection) override {
    while (!at(connection).is_done) {  // until there is no more: only then on_data() is sure to follow
      const std::int64_t n = port.receive(connection, {nullptr, kMostAtOnce});
      if (n == -EAGAIN) return;
      if (n <= 0) return give_up(port, connection, n < 0 ? "failed: read" : "answer cut short", -n);
      receive(port, connection, n);
    }
  }
  void on_closed(CrowdPort& port, CrowdConnection connection, int error) override {
    if (at(connection).is_done) return;
    port.note("failed: connection", error);
    end_client(port, at(connection));
  }
  void on_timer(CrowdPort& port, std::uint64_t token) override {
    if (token == kStartClients) return start_clients(port);
    const CrowdConnection connection{static_cast<std::uint32_t>(token)};
    if (!at(connection).is_done) begin_message(port, connection);
  }

 private:
  static constexpr std::uint64_t kStartClients = UINT64_MAX;  // other timers' tokens are connections
  static constexpr std::size_t kMostAtOnce = 64 << 10;

  struct Client {
    std::int64_t unsent = 0, unanswered = 0;  // bytes of the message, and of its answer
    std::uint64_t answered = 0;               // messages
    bool is_done = false;
  };

  /// Clients connect in the order of their numbers, so a connection's ordinal is its client's number.
  Client& at(CrowdConnection connection) { return clients_[connection.value]; }
  std::uint64_t request_of(CrowdConnection connection) {
    return connection.value * messages_ + at(connection).answered;
  }

  void start_clients(CrowdPort& port) {
    for (; started_ < clients_.size(); ++started_) {
      const Instant due = start_ + every_ * static_cast<std::int64_t>(started_);
      if (due > port.now()) return port.set_timer(due, kStartClients);
      port.connect(server_, port_number_, false);
    }
  }

  void begin_message(CrowdPort& port, CrowdConnection connection) {
    at(connection).unsent = at(connection).unanswered = size_;
    port.request_begins(request_of(connection), connection);
    send_rest(port, connection);
  }

  void send_rest(CrowdPort& port, CrowdConnection connection) {
    Client& client = at(connection);
    while (!client.is_done && client.unsent > 0) {
      const std::int64_t n = port.send(connection, {nullptr, static_cast<std::size_t>(client.unsent)});
      if (n == -EAGAIN) return;
      if (n < 0) return give_up(port, connection, "failed: write", -n);
      client.unsent -= n;
    }
  }

  void receive(CrowdPort& port, CrowdConnection connection, std::int64_t bytes) {
    Client& client = at(connection);
    if (bytes > client.unanswered)
      return give_up(port, connection, "answer too long", bytes - client.unanswered);
    client.unanswered -= bytes;
    if (client.unanswered == 0) end_message(port, connection);
  }

  void end_message(CrowdPort& port, CrowdConnection connection) {
    Client& client = at(connection);
    port.request_ends(request_of(connection), connection);
    if (++client.answered == messages_) {
      port.close(connection);
      end_client(port, client);
    } else if (think_) {
      port.set_timer(port.now() + think_, connection.value);
    } else {
      begin_message(port, connection);
    }
  }

  void give_up(CrowdPort& port, CrowdConnection connection, std::string_view why, std::int64_t value) {
    port.note(why, value);
    port.close(connection);
    end_client(port, at(connection));
  }

  void end_client(CrowdPort& port, Client& client) {
    client.is_done = true;
    if (++done_ == clients_.size()) port.finish();
  }

  const std::string host_;
  const std::uint16_t port_number_;
  const std::uint64_t messages_;
  const std::int64_t size_;
  const Duration every_, think_;
  std::vector<Client> clients_;
  std::uint32_t server_ = 0;
  Instant start_;
  std::size_t started_ = 0, done_ = 0;
};

}  // namespace

std::unique_ptr<CrowdProgram> echo_crowd(const Arguments& args) { return std::make_unique<EchoCrowd>(args); }

}  // namespace stackscope
