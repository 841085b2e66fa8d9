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

// --- readiness and files that are no sockets ------------------------------------------------------------------------

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

int ModelSyscalls::epoll_create1(int flags) {
  return static_cast<int>(system_call<call::EpollCreate1>(
      host_,
      [&] {
        if ((flags & ~EPOLL_CLOEXEC) != 0) return -EINVAL;
        Files& files = host_.files();
        auto epoll = std::make_unique<Epoll>(files.next_id(), host_.epolls());
        const std::uint32_t object = epoll->epoll_id().value;
        return process_.fds.open(files.adopt(std::move(epoll), object), (flags & EPOLL_CLOEXEC) != 0);
      },
      flags));
}

// Linux: fs/eventpoll.c do_epoll_ctl()
int ModelSyscalls::epoll_ctl(int epoll, int operation, int fd, epoll_event event) {
  const auto body = [&] {
    const FileRef instance = process_.fds.get(epoll);
    if (!instance) return -EBADF;
    const FileRef file = process_.fds.get(fd);
    if (!file) return -EBADF;
    if (!file->can_poll()) return -EPERM;
    Epoll* const watching = instance.as<Epoll>();
    return watching != nullptr ? watching->ctl(operation, *file, fd, &event) : -EINVAL;
  };
  return static_cast<int>(system_call<call::EpollCtl>(host_, body, epoll, operation, fd, event.events,
                                                      static_cast<std::int64_t>(event.data.u64)));
}

// Linux: fs/eventpoll.c do_epoll_wait(), ep_check_params(): the descriptor first, since 6.15
int ModelSyscalls::epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) {
  const int most = static_cast<int>(events.size());
  return static_cast<int>(system_call<call::EpollWait>(
      host_,
      [&] {
        const FileRef file = process_.fds.get(epoll);
        if (!file) return -EBADF;
        if (most <= 0 || most > Epoll::kMaxEvents) return -EINVAL;
        Epoll* const instance = file.as<Epoll>();
        if (instance == nullptr) return -EINVAL;
        return instance->wait(events, most, timeout_ms < 0 ? Epoll::kForever : Duration::ms(timeout_ms));
      },
      epoll, most, timeout_ms));
}

int ModelSyscalls::poll(std::span<pollfd> fds, int timeout_ms) {
  return static_cast<int>(system_call<call::Poll>(
      host_,
      [&] {
        // Kept by this object and not by the stack, which is never unwound.
        polled_.clear();
        for (const pollfd& asked : fds) {
          File* const file = process_.fds.get(asked.fd).get();
          if (file != nullptr) host_.files().hold(*file);
          polled_.push_back(PollTarget{file, asked.fd, asked.events});
        }
        const int ready = poll_files(host_.scheduler(), host_.files().costs(), polled_,
                                     timeout_ms < 0 ? Duration::ns(-1) : Duration::ms(timeout_ms));
        for (std::size_t i = 0; i < fds.size(); ++i) {
          fds[i].revents = polled_[i].revents;
          if (polled_[i].file != nullptr) host_.files().let_go(*polled_[i].file);
        }
        return ready;
      },
      static_cast<std::int64_t>(fds.size()), timeout_ms));
}

// --- time and threads ------------------------------------------------------------------------------------------------

int ModelSyscalls::nanosleep(Duration time) {
  return static_cast<int>(system_call<call::ClockNanosleep>(
      host_, [&] { return time < Duration{} ? -EINVAL : sleep_for(host_.scheduler(), time); }, time.count()));
}

// Through the vdso: no system call, and 24 ns that the program's own computing includes.
Instant ModelSyscalls::clock_gettime() { return host_.engine().now(); }

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
