#pragma once
// A crowd program on an ideal host: its connections, its timers, and what is to be told to it.

#include <deque>
#include <memory>
#include <vector>

#include "kernel_model/crowd.hpp"
#include "kernel_model/net/tcp_socket.hpp"
#include "sim/engine.hpp"

namespace stackscope {

class IdealHost;

class CrowdRun final : public CrowdPort {
 public:
  CrowdRun(IdealHost& host, std::unique_ptr<CrowdProgram> program, Instant start);

  bool is_finished() const { return is_finished_; }
  /// Tells the program what TCP told, in order; returns whether there was anything.
  bool tell_program();

  Instant now() const override;
  std::uint32_t address_of(std::string_view host) const override;
  CrowdConnection connect(std::uint32_t address, std::uint16_t port, bool nodelay) override;
  std::int64_t send(CrowdConnection connection, ConstBuffer from) override;
  std::int64_t receive(CrowdConnection connection, Buffer to) override;
  void close(CrowdConnection connection) override;
  int spoof_syn(std::uint32_t address, std::uint16_t port, std::uint32_t number) override;
  void set_timer(Instant at, std::uint64_t token) override;
  void finish() override { is_finished_ = true; }
  void note(std::string_view what, std::int64_t value) override;
  void request_begins(std::uint64_t number, CrowdConnection connection) override;
  void request_ends(std::uint64_t number, CrowdConnection connection) override;

 private:
  /// A connection; hears from TCP.
  struct Endpoint final : SocketUser {
    explicit Endpoint(CrowdRun& its_run, CrowdConnection its_number) : run(its_run), number(its_number) {}
    void on_data_ready(TcpSocket&) override { queue(kData); }
    void on_write_space(TcpSocket&) override { queue(kWritable); }
    void on_state_change(TcpSocket& socket) override;
    void on_error_report(TcpSocket&) override { queue(kError); }
    void queue(std::uint8_t what);

    static constexpr std::uint8_t kConnected = 1, kData = 2, kWritable = 4, kError = 8;
    CrowdRun& run;
    CrowdConnection number;
    std::uint8_t told = 0;  // and not yet passed on
    bool is_connected = false;
    TcpSocket* socket = nullptr;
    Endpoint* next = nullptr;
  };

  /// A timer of the program; used again when it has fired.
  struct Timer {
    explicit Timer(CrowdRun& its_run) : run(its_run) {}
    void fire();
    CrowdRun& run;
    std::uint64_t token = 0;
    Event event = Event::calling<&Timer::fire>(*this);
  };

  void on_start();
  void tell(Endpoint& endpoint, std::uint8_t what);
  void drop(Endpoint& endpoint);
  void mark_request(std::uint64_t number, CrowdConnection connection, bool begins);

  IdealHost& host_;
  std::unique_ptr<CrowdProgram> program_;
  std::deque<Endpoint> endpoints_;  // by ordinal
  Endpoint* first_ = nullptr;
  Endpoint* last_ = nullptr;
  std::deque<Timer> timers_;
  std::vector<Timer*> idle_timers_;
  Event start_ = Event::calling<&CrowdRun::on_start>(*this);
  bool is_finished_ = false;
};

}  // namespace stackscope
