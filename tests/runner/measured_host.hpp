#pragma once
// One full host with the measured costs, for programs that a test writes down on the spot.

#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernel_model/host/host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "runner/profile.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope::test {

class MeasuredHost {
 public:
  using Program = std::function<void(Syscalls&)>;

  explicit MeasuredHost(std::uint8_t cpus = 1, bool jitter = false)
      : trace(engine.moment(), schema_, recording),
        shared_{engine, trace, packets_, streams_, addresses_, 1},
        costs_(profile(jitter)),
        host(shared_, config(cpus), costs_->costs),
        process_(host.create_process()) {}

  /// A SCHED_FIFO thread on one CPU. All threads share one process.
  void thread(const std::string& comm, std::uint8_t cpu, Program program) {
    add(comm, cpu, true, std::move(program));
  }
  /// Computes for ever under SCHED_OTHER, so that its CPU is never idle.
  void hog(std::uint8_t cpu) {
    add("hog", cpu, false, [](Syscalls& os) {
      for (;;) os.compute(Duration::ms(100));
    });
  }

  void run_for(Duration time) { engine.run_until(engine.now() + time); }

 private:
  Schema schema_ = Schema::of<Records>();

 public:
  Engine engine;
  MemoryRecording recording;
  Trace trace;

 private:
  static HostConfig config(std::uint8_t cpus) {
    HostConfig made;
    made.name = "server", made.cpus = cpus, made.hz = Hz{250}, made.address = 0x0a000001;
    return made;
  }
  static std::unique_ptr<HostCosts> profile(bool jitter) {
    std::vector<Diagnostic> errors;
    const auto profile = read_profile("linux-6.18-epyc-vm", errors);
    if (!profile) throw std::runtime_error(render(errors));
    return std::make_unique<HostCosts>(*profile, jitter, 1, "server");
  }
  void add(const std::string& comm, std::uint8_t cpu, bool fifo, Program program) {
    TaskAttributes attributes{.comm = comm, .process = process_.id, .affinity = CpuMask{1} << cpu};
    if (fifo) attributes.policy = SchedPolicy::kFifo, attributes.priority = 50;
    ModelSyscalls& os = syscalls_.emplace_back(host, process_, static_cast<int>(syscalls_.size()));
    host.create_thread(process_, std::move(attributes), [&os, program = std::move(program)] { program(os); });
  }

  PacketPool packets_;
  StreamStore streams_;
  AddressBook addresses_{{"server", 0x0a000001}};
  Shared shared_;
  std::unique_ptr<HostCosts> costs_;

 public:
  Host host;

 private:
  Process& process_;
  std::deque<ModelSyscalls> syscalls_;
};

}  // namespace stackscope::test
