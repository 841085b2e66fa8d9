#pragma once
// A socket as a program holds it: what all families share. Each family is a class of its own.
//
// Linux:   net/socket.c; include/linux/net.h struct proto_ops; net/core/sock.c sock_rcvtimeo(), sock_sndtimeo(),
//          sk_wait_event()
// Differs: no ioctl() of network devices on a socket (SIOCGIFCONF …): −ENOTTY.
// Differs: SIGPIPE is ignored, as MSG_NOSIGNAL has it.

#include <cerrno>
#include <cstdint>
#include <span>
#include <vector>

#include "kernel_model/costs/socket_costs.hpp"
#include "kernel_model/files/fd_table.hpp"
#include "kernel_model/files/file.hpp"
#include "kernel_model/files/schedule_timeout.hpp"
#include "kernel_model/net/socket_options.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "kernel_model/vocabulary/records.hpp"
#include "kernel_model/vocabulary/socket_address.hpp"

namespace stackscope {

/// What a send takes beside its bytes. Linux: struct msghdr
struct OutgoingMessage {
  std::span<const ConstBuffer> parts;
  int flags = 0;
  const SocketAddress* to = nullptr;   // null: none was given
  std::span<File* const> rights = {};  // held by the caller; SCM_RIGHTS
};

/// What a receive fills beside its bytes. Linux: struct msghdr
struct IncomingMessage {
  std::span<const Buffer> parts;
  int flags = 0;                         // what was asked for
  int result_flags = 0;                  // msg_flags
  SocketAddress from = {};               // none where the protocol tells none
  std::vector<File*>* rights = nullptr;  // files that came, each held once; null: nobody asks
};

class SocketFile : public File {
 public:
  SocketFile(FileId id, int flags, Scheduler& scheduler, const SocketCosts& costs);

  WaitQueue& wait_queue() { return waiting_; }
  const WaitQueue& wait_queue() const { return waiting_; }
  /// Its identity in records; none where its kind has none.
  virtual SocketId socket_id() const { return {}; }

  std::int64_t read(Buffer to) override { return readv({&to, 1}); }
  std::int64_t write(ConstBuffer from) override { return writev({&from, 1}); }
  /// One receive, one send, over all parts. Linux: sock_read_iter(), sock_write_iter()
  std::int64_t readv(std::span<const Buffer> parts) override;
  std::int64_t writev(std::span<const ConstBuffer> parts) override;

  // What programs call; errors in each family's own order. Linux: struct proto_ops
  virtual int bind(const SocketAddress& address) = 0;
  virtual int listen(int) { return -EOPNOTSUPP; }
  virtual int connect(const SocketAddress& address) = 0;
  /// The file of a new connection, held once; null and `error` where there is none. `flags`: O_NONBLOCK.
  virtual SocketFile* accept(Files&, int /*flags*/, int& error) { return error = -EOPNOTSUPP, nullptr; }
  virtual int name(SocketAddress& address, bool of_peer) = 0;
  /// Of a connection that accept() has just taken, whose peer may be gone. Linux: getname() with peer 2
  virtual int accepted_from(SocketAddress& address) { return name(address, true); }
  virtual int shutdown(int how) = 0;
  /// Whether descriptors travel with its messages (SCM_RIGHTS): 1; 0: they are never looked at; −errno: what is found
  /// wrong before they are.
  virtual int takes_rights() { return 0; }
  virtual int set_option(int level, int option, std::span<const std::byte> value) = 0;
  /// `length`: the room, then what was filled.
  virtual int get_option(int level, int option, std::span<std::byte> room, std::size_t& length) = 0;
  virtual std::int64_t send(const OutgoingMessage& message) = 0;
  virtual std::int64_t receive(IncomingMessage& message) = 0;

 protected:
  Scheduler& scheduler() const { return waiting_.scheduler(); }
  void charge(const Cost& cost) { scheduler().cpu().charge(cost); }
  bool may_wait(int message_flags) const { return !is_nonblocking() && (message_flags & MSG_DONTWAIT) == 0; }
  /// Jiffies that a call may wait: an option's value, or none at all.
  std::uint64_t patience(std::uint64_t option, int message_flags) const {
    return may_wait(message_flags) ? option : 0;
  }

  /// Around a sleep. Linux: release_sock(), lock_sock()
  virtual void own() {}
  virtual void disown() {}

  /// Sleeps, disowned, until `ready()`; `left` says for how many jiffies at most, and then how many are left of them.
  /// Returns 0, −EAGAIN where the time ran out, −EINTR. REQUIRES: owned.
  template <class Ready>
  int wait_until(Ready ready, WaitReason reason, bool exclusive, std::uint64_t& left,
                 WaitEntry::Callback callback = &autoremove_wake);

  const SocketCosts& costs_;
  WaitQueue waiting_;  // Linux: sk_wq
};

template <class Ready>
int SocketFile::wait_until(Ready ready, WaitReason reason, bool exclusive, std::uint64_t& left,
                           WaitEntry::Callback callback) {
  const Instant since = scheduler().engine().now();
  const TaskId self = scheduler().current().id();
  charge(costs_.wait);
  int result = 0;
  while (result == 0 && !ready()) {
    if (left == 0) {
      result = -EAGAIN;
      break;
    }
    WaitEntry entry = entry_for_current(scheduler(), exclusive);
    entry.callback = callback;
    waiting_.add(entry, exclusive ? WaitPlace::kTail : WaitPlace::kHead);
    disown();
    scheduler().set_sleeping();
    if (scheduler().signal_pending()) {
      result = -EINTR;
    } else if (!ready()) {
      left = schedule_timeout(scheduler(), left);
    }
    scheduler().set_running();
    waiting_.remove(entry);
    own();
  }
  if (scheduler().engine().now() > since) scheduler().trace().emit(Waited{reason, since, self, {}});
  return result;
}

}  // namespace stackscope
