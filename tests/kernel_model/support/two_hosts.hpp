#pragma once
// Two hosts on one link, and programs on each of them; or a host and an ideal one.

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernel_model/host/host.hpp"
#include "kernel_model/host/ideal_host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/encoding.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope::test {

class TwoHosts {
 public:
  static constexpr std::uint32_t kAddressOfA = 0x0a000001, kAddressOfB = 0x0a000002;

  explicit TwoHosts(bool is_b_ideal = false) : a(shared_, config("a", 1, kAddressOfA), costs_) {
    a.attach(link_, Link::Side::kA, {});
    if (is_b_ideal) {
      ideal_ = std::make_unique<IdealHost>(shared_, PeerConfig{.name = "b",
                                                               .ordinal = 2,
                                                               .hz = Hz{250},
                                                               .tick_phase = {},
                                                               .address = kAddressOfB,
                                                               .sysctls = {}});
      ideal_->attach(link_, Link::Side::kB);
    } else {
      b = std::make_unique<Host>(shared_, config("b", 2, kAddressOfB), costs_);
      b->attach(link_, Link::Side::kB, {});
    }
  }

  void program(Host& host, std::function<void(Syscalls&)> body) {
    Process& made = host.create_process();
    ModelSyscalls& os = syscalls_.emplace_back(host, made, 0);
    host.create_thread(made, {.comm = "program", .process = made.id},
                       [this, &os, body = std::move(body)] { body(os), ++ended_; });
  }
  /// Until all is quiet; fails where not all programs have ended.
  void run(Duration most = Duration::s(10)) {
    engine.run_until(engine.now() + most);
    REQUIRE(ended_ == syscalls_.size());
  }

  template <class R>
  std::vector<R> all() const {
    std::vector<R> found;
    for (std::uint64_t i = 1; i <= recording.size(); ++i) {
      const RawRecord raw = recording.at(RecordId{i});
      if (raw.header.kind == KindOf<R>::value) found.push_back(decode_fields<R>(raw.fields.data()));
    }
    return found;
  }
  std::uint32_t packets_in_flight() const { return packets_.in_flight(); }
  std::uint32_t live_streams() const { return streams_.live(); }

 private:
  static HostConfig config(const std::string& name, std::uint8_t ordinal, std::uint32_t address) {
    HostConfig made;
    made.name = name, made.ordinal = ordinal, made.hz = Hz{250}, made.address = address;
    return made;
  }
  Schema schema_ = Schema::of<Records>();

 public:
  Engine engine;
  MemoryRecording recording;
  Trace trace{engine.moment(), schema_, recording};

 private:
  PacketPool packets_;
  StreamStore streams_;
  AddressBook addresses_{{"a", kAddressOfA}, {"b", kAddressOfB}};
  Shared shared_{engine, trace, packets_, streams_, addresses_, 1};
  Costs costs_;
  Link link_{engine, trace, packets_, {}};
  std::unique_ptr<IdealHost> ideal_;
  std::deque<ModelSyscalls> syscalls_;
  std::size_t ended_ = 0;

 public:
  Host a;
  std::unique_ptr<Host> b;  // null where it is ideal
};

}  // namespace stackscope::test
