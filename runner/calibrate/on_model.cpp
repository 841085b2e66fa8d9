#include <deque>

#include "kernel_model/host/host.hpp"
#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "runner/calibrate/run_exercise.hpp"
#include "sim/memory_recording.hpp"

namespace stackscope {

namespace {

constexpr std::uint8_t kPriority = 50;
constexpr std::uint32_t kAddress = 0x0a000001;

/// A host with nothing else on it.
class LoneHost {
 public:
  explicit LoneHost(const Profile& profile)
      : costs_(profile, false, 1, "host"),
        host_(shared_, config(), costs_.costs),
        process_(host_.create_process()) {}

  StepTimes run(const Exercise& exercise) {
    const StepTimer timer(trace_);
    process_.threads = exercise.threads;
    for (int number = 0; number < exercise.threads; ++number) start_thread(exercise, number);
    const auto is_over = [&] { return process_.live == 0; };
    for (int s = 0; s < kMostSeconds && !is_over(); ++s) engine_.run_until(engine_.now() + Duration::s(1));
    return timer.times(exercise);
  }

 private:
  static constexpr int kMostSeconds = 600;

  static HostConfig config() {
    HostConfig made;
    made.name = "host", made.cpus = 2, made.hz = Hz{250}, made.address = kAddress;
    return made;
  }
  void start_thread(const Exercise& exercise, int number) {
    TaskAttributes attributes{.comm = exercise.name, .process = process_.id, .affinity = 0};
    attributes.policy = SchedPolicy::kFifo, attributes.priority = kPriority;
    for (const int cpu : exercise.cpus) attributes.affinity |= CpuMask{1} << cpu;
    ModelSyscalls& os = syscalls_.emplace_back(host_, process_, number);
    host_.create_thread(process_, std::move(attributes), [&os, &exercise] { exercise.body(os); });
  }

  Schema schema_ = Schema::of<Records>();
  Engine engine_;
  MemoryRecording recording_;
  Trace trace_{engine_.moment(), schema_, recording_};
  PacketPool packets_;
  StreamStore streams_;
  AddressBook addresses_{{"host", kAddress}};
  Shared shared_{engine_, trace_, packets_, streams_, addresses_, 1};
  HostCosts costs_;
  Host host_;
  Process& process_;
  std::deque<ModelSyscalls> syscalls_;
};

}  // namespace

StepTimes times_on_model(const Exercise& exercise, const Profile& profile) {
  return LoneHost(profile).run(exercise);
}

}  // namespace stackscope
