// SYNs from addresses that nobody has, at a steady rate: nothing that the server answers is ever answered.

#include <string>

#include "kernel_model/crowd.hpp"
#include "kernel_model/vocabulary/parameter.hpp"
#include "userland/programs.hpp"

namespace stackscope {
namespace {

class SynFlood final : public CrowdProgram {
 public:
  explicit SynFlood(const Arguments& args)
      : host_(args.address("to").host),
        port_number_(args.address("to").port),
        every_(args.duration("every")),
        syns_(static_cast<std::uint32_t>(args.integer("syns"))) {}

  void start(CrowdPort& port) override {
    server_ = port.address_of(host_);
    start_ = port.now();
    send_due(port);
  }
  void on_connected(CrowdPort&, CrowdConnection) override {}
  void on_data(CrowdPort&, CrowdConnection) override {}
  void on_closed(CrowdPort&, CrowdConnection, int) override {}
  void on_timer(CrowdPort& port, std::uint64_t) override { send_due(port); }

 private:
  void send_due(CrowdPort& port) {
    for (; sent_ < syns_; ++sent_) {
      const Instant due = start_ + every_ * static_cast<std::int64_t>(sent_);
      if (due > port.now()) return port.set_timer(due, 0);
      if (const int result = port.spoof_syn(server_, port_number_, sent_); result < 0) {
        port.note("failed: spoof", -result);
        break;
      }
    }
    port.finish();
  }

  const std::string host_;
  const std::uint16_t port_number_;
  const Duration every_;
  const std::uint32_t syns_;
  std::uint32_t server_ = 0, sent_ = 0;
  Instant start_;
};

}  // namespace

std::unique_ptr<CrowdProgram> syn_flood(const Arguments& args) { return std::make_unique<SynFlood>(args); }

}  // namespace stackscope
