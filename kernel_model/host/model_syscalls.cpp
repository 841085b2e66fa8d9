#include "kernel_model/host/model_syscalls.hpp"

#include "kernel_model/files/eventfd.hpp"
#include "kernel_model/files/socket_file.hpp"
#include "kernel_model/host/system_call.hpp"
#include "kernel_model/readiness/epoll.hpp"
#include "kernel_model/readiness/poll.hpp"
#include "kernel_model/scheduler/futex.hpp"
#include "kernel_model/scheduler/sleep.hpp"

namespace stackscope {

ModelSyscalls::ModelSyscalls(Host& host, Process& process, int thread_number)
    : host_(host), process_(process), thread_number_(thread_number) {}

// --- files that are no sockets ----------------------------------------------------------------------------------------

int ModelSyscalls::eventfd(unsigned count, int flags) {
  return static_cast<int>(system_call<call::Eventfd2>(
      host_,
      [&] {
        if ((flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) != 0) return -EINVAL;
        Files& files = host_.files();
        return process_.fds.open(files.adopt(std::make_unique<Eventfd>(files.next_id(), count, flags,
                                                                       host_.scheduler(), files.costs())),
                                 (flags & EFD_CLOEXEC) != 0);
      },
      count, flags));
}

// --- threads ---------------------------------------------------------------------------------------------------------

int ModelSyscalls::sched_yield() {
  return static_cast<int>(system_call<call::SchedYield>(host_, [&] { return host_.scheduler().yield(), 0; }));
}

int ModelSyscalls::sched_setaffinity(std::uint64_t mask) {
  return static_cast<int>(system_call<call::SchedSetaffinity>(
      host_, [&] { return host_.scheduler().set_affinity(mask); }, static_cast<std::int64_t>(mask)));
}

int ModelSyscalls::futex_wait(unsigned word, std::uint32_t expected, Duration timeout) {
  return static_cast<int>(system_call<call::Futex>(
      host_, [&] { return process_.futexes.wait(word, process_.words[word], expected, timeout); }, word, 0,
      expected, timeout.count()));
}

int ModelSyscalls::futex_wake(unsigned word, int most) {
  return static_cast<int>(
      system_call<call::Futex>(host_, [&] { return process_.futexes.wake(word, most); }, word, 1, most, 0));
}

// --- what is not a system call ---------------------------------------------------------------------------------------

void ModelSyscalls::compute(Duration time) { host_.scheduler().cpu().charge(time); }

std::uint32_t ModelSyscalls::address_of(std::string_view host) const { return htonl(host_.address_of(host)); }

void ModelSyscalls::note(std::string_view what, std::int64_t value) {
  Trace& trace = host_.trace();
  trace.emit(ProgramNote{task().id(), trace.intern(what), value});
}

void ModelSyscalls::mark_request(std::uint64_t number, int fd, bool begins) {
  SocketFile* socket = nullptr;
  const FileRef file = process_.fds.get(fd);
  if (file) socket = file.as<SocketFile>();
  host_.trace().emit(
      RequestMark{task().id(), socket != nullptr ? socket->socket_id() : SocketId{}, number, begins});
}

}  // namespace stackscope
