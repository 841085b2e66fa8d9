#pragma once
// A host for tests whose programs are written down on the spot: threads and processes on the model's system calls.

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel_model/host/host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "sim/encoding.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope::test {

class ProgramHost {
 public:
  using Program = std::function<void(Syscalls&)>;

  explicit ProgramHost(std::uint8_t cpus = 1, Costs with = some_costs())
      : costs(with), host(shared_, config(cpus), costs) {}

  /// Something of each kind that lets others run meanwhile.
  static Costs some_costs() {
    Costs costs;
    costs.cpu.syscall_entry = costs.cpu.syscall_exit = Cost{Duration::ns(50)};
    costs.cpu.schedule = costs.cpu.context_switch = costs.cpu.wake_up = Cost{Duration::ns(300)};
    costs.cpu.ipi_send = costs.cpu.idle_exit = Cost{Duration::ns(2000)};
    costs.cpu.clone = costs.cpu.fork = costs.cpu.process_exit = Cost{Duration::us(10)};
    costs.cpu.thread_exit = costs.cpu.kill = costs.cpu.wait4 = Cost{Duration::us(1)};
    return costs;
  }

  /// The one thread of a new process. SCHED_FIFO, so that order is definite, unless `priority` is 0.
  Process& process(Program program, std::uint8_t priority = 50, CpuMask affinity = kAnyCpu) {
    Process& made = host.create_process();
    TaskAttributes attributes{.comm = "program", .process = made.id, .affinity = affinity};
    if (priority > 0) attributes.policy = SchedPolicy::kFifo;
    attributes.priority = priority;
    ModelSyscalls& os = syscalls_.emplace_back(host, made, 0);
    host.create_thread(made, attributes, [&os, program = std::move(program)] { program(os); });
    return made;
  }

  /// Runs a program until all is quiet; fails if it does not end.
  void story(const Program& program, Duration time = Duration::s(10)) {
    bool has_ended = false;
    process([&](Syscalls& os) { program(os), has_ended = true; });
    run_for(time);
    REQUIRE(has_ended);
  }
  void run_for(Duration time) {
    engine.run_until(engine.now() + time);
    engine.moment().place.cpu = Place::kNoCpu;
  }

  /// Every record of one kind, decoded.
  template <class R>
  std::vector<R> all() const {
    std::vector<R> found;
    for (std::uint64_t i = 1; i <= recording.size(); ++i) {
      const RawRecord raw = recording.at(RecordId{i});
      if (raw.header.kind == KindOf<R>::value) found.push_back(decode_fields<R>(raw.fields.data()));
    }
    return found;
  }

 private:
  static HostConfig config(std::uint8_t cpus) {
    HostConfig made;
    made.name = "server", made.cpus = cpus, made.hz = Hz{250}, made.address = 0x0a000001;
    return made;
  }
  Schema schema_ = Schema::of<Records>();

 public:
  Engine engine;
  MemoryRecording recording;
  Trace trace{engine.moment(), schema_, recording};
  Costs costs;

 private:
  PacketPool packets_;
  StreamStore streams_;
  AddressBook addresses_{{"server", 0x0a000001}};
  Shared shared_{engine, trace, packets_, streams_, addresses_, 1};

 public:
  Host host;

 private:
  std::deque<ModelSyscalls> syscalls_;
};

}  // namespace stackscope::test
