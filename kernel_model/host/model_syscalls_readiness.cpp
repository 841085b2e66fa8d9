// System calls that ask what is ready.

#include "kernel_model/host/model_syscalls.hpp"
#include "kernel_model/host/system_call.hpp"
#include "kernel_model/readiness/epoll.hpp"
#include "kernel_model/readiness/poll.hpp"
#include "kernel_model/timers/timespec.hpp"

namespace stackscope {

namespace {

constexpr Duration kForever = Duration::ns(-1);

Duration timeout_of(int timeout_ms) { return timeout_ms < 0 ? kForever : Duration::ms(timeout_ms); }
Duration timeout_of(const timespec* timeout) { return timeout == nullptr ? kForever : duration_of(*timeout); }
/// Linux: fs/select.c poll_select_set_timeout()
bool is_invalid(const timespec* timeout) { return timeout != nullptr && !is_valid_time(*timeout); }
/// As records tell it: −1 for ever.
std::int64_t told(const timespec* timeout) { return timeout == nullptr ? -1 : ns_of(*timeout); }

}  // namespace

// --- epoll -----------------------------------------------------------------------------------------------------------

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

// The descriptor first, since 6.15. Linux: fs/eventpoll.c do_epoll_wait(), ep_check_params()
int ModelSyscalls::wait_for_events(int epoll, std::span<epoll_event> events, Duration timeout) {
  const FileRef file = process_.fds.get(epoll);
  if (!file) return -EBADF;
  if (events.empty() || events.size() > static_cast<std::size_t>(Epoll::kMaxEvents)) return -EINVAL;
  Epoll* const instance = file.as<Epoll>();
  return instance != nullptr ? instance->wait(events, static_cast<int>(events.size()), timeout) : -EINVAL;
}

int ModelSyscalls::epoll_wait(int epoll, std::span<epoll_event> events, int timeout_ms) {
  return static_cast<int>(system_call<call::EpollWait>(
      host_, [&] { return wait_for_events(epoll, events, timeout_of(timeout_ms)); }, epoll,
      static_cast<std::int64_t>(events.size()), timeout_ms));
}

int ModelSyscalls::epoll_pwait2(int epoll, std::span<epoll_event> events, const timespec* timeout) {
  return static_cast<int>(system_call<call::EpollPwait2>(
      host_,
      [&] { return is_invalid(timeout) ? -EINVAL : wait_for_events(epoll, events, timeout_of(timeout)); },
      epoll, static_cast<std::int64_t>(events.size()), told(timeout)));
}

// --- poll and select -------------------------------------------------------------------------------------------------

// Linux: fs/select.c do_sys_poll()
int ModelSyscalls::poll_them(std::span<pollfd> fds, Duration timeout) {
  if (fds.size() > static_cast<std::size_t>(process_.fds.most())) return -EINVAL;
  PollCall call{host_.files(), process_.fds, poll_hooks_, timeout};
  return poll_files(call, fds);
}

int ModelSyscalls::poll(std::span<pollfd> fds, int timeout_ms) {
  return static_cast<int>(system_call<call::Poll>(
      host_, [&] { return poll_them(fds, timeout_of(timeout_ms)); }, static_cast<std::int64_t>(fds.size()),
      timeout_ms));
}

int ModelSyscalls::ppoll(std::span<pollfd> fds, const timespec* timeout) {
  return static_cast<int>(system_call<call::Ppoll>(
      host_, [&] { return is_invalid(timeout) ? -EINVAL : poll_them(fds, timeout_of(timeout)); },
      static_cast<std::int64_t>(fds.size()), told(timeout)));
}

// Linux: fs/select.c do_pselect()
int ModelSyscalls::pselect6(int n, FdBits read, FdBits write, FdBits except, const timespec* timeout) {
  return static_cast<int>(system_call<call::Pselect6>(
      host_,
      [&] {
        if (is_invalid(timeout)) return -EINVAL;
        PollCall call{host_.files(), process_.fds, poll_hooks_, timeout_of(timeout)};
        return select_files(call, n, {read, write, except}, selected_);
      },
      n, told(timeout)));
}

}  // namespace stackscope
