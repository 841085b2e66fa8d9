#pragma once
// One end of a pair of Unix sockets. Messages lie in the receiver's queue and on the sender's account.
//
// A stream's bytes lie in messages too: one a send, or more where it is large. What a message carries of descriptors
// comes with its first byte, and ends the read.
//
// Linux:     net/unix/af_unix.c unix_stream_sendmsg(), unix_stream_read_generic(), unix_dgram_sendmsg(),
//            __unix_dgram_recvmsg(), unix_poll(), unix_dgram_poll(), unix_shutdown(), unix_release_sock(), manage_oob();
//            net/core/sock.c sock_alloc_send_pskb(), sock_wfree(); net/core/skbuff.c alloc_skb_with_frags()
// Invariant: a sender's account is the sum of its messages that nobody has taken yet.
// Differs:   sockets without names only: bind(), and connect() and send() to a name, are −ENOSYS.
// Differs:   the state lock, a spinlock held for some lines, is no lock here.
// Differs:   no credentials travel (SO_PASSCRED is a value), and what one socket's own descriptors hold in a circle of
//            messages is never collected. Linux: net/unix/garbage.c
// Differs:   descriptors on their way are not counted against RLIMIT_NOFILE (ETOOMANYREFS).

#include <list>
#include <memory>
#include <sys/epoll.h>
#include <utility>
#include <vector>

#include "kernel_model/files/socket_file.hpp"
#include "kernel_model/net/socket_options.hpp"
#include "kernel_model/scheduler/mutex.hpp"

namespace stackscope {

class UnixSocketFile final : public SocketFile {
 public:
  enum class Kind : std::uint8_t { kStream, kDatagram, kSeqpacket };

  /// `files` outlives it.
  UnixSocketFile(FileId id, int flags, Files& files, const SocketCosts& costs, Kind kind);
  /// Each is the other's peer from now on. Linux: unix_socketpair()
  static void pair(UnixSocketFile& one, UnixSocketFile& other);

  Events poll(PollTable* table) override;
  /// FIONREAD, SIOCOUTQ, SIOCATMARK. Linux: unix_ioctl()
  int ioctl(unsigned long request, int& value) override;
  void release() override;

  int bind(const SocketAddress& address) override;
  int listen(int backlog) override;
  int connect(const SocketAddress& address) override;
  SocketFile* accept(Files& files, int flags, int& error) override;
  int name(SocketAddress& address, bool of_peer) override;
  int shutdown(int how) override;
  int takes_rights() override;
  int set_option(int level, int option, std::span<const std::byte> value) override;
  int get_option(int level, int option, std::span<std::byte> room, std::size_t& length) override;
  std::int64_t send(const OutgoingMessage& message) override;
  std::int64_t receive(IncomingMessage& message) override;

  /// Asserts what the header says always holds. For debug builds.
  void check_invariants() const;

 private:
  /// What outlives the file while messages of it lie at the peer's. Linux: struct unix_sock
  struct Sock {
    UnixSocketFile* file = nullptr;  // null: closed. Linux: SOCK_DEAD
    std::uint32_t wmem_alloc = 0;    // bytes; Linux counts one more
  };
  /// Linux: struct sk_buff
  struct Message {
    std::uint64_t number = 0;  // tells it from all others of its queue
    std::shared_ptr<Sock> sender;
    std::vector<std::byte> bytes;
    std::size_t consumed = 0;
    std::uint32_t truesize = 0;
    std::vector<File*> rights;  // each held once
    std::size_t left() const { return bytes.size() - consumed; }
  };
  using Queue = std::list<Message>;
  /// Where a read stands.
  struct Reading {
    IncomingMessage& message;
    std::size_t size, target;  // wanted, and enough
    std::size_t copied = 0;
    int error = 0;
    std::uint64_t last = 0;  // the first message when it looked; 0: there was none
    bool peeks() const { return (message.flags & MSG_PEEK) != 0; }
  };
  static constexpr std::uint8_t kReceive = 1, kSend = 2, kBoth = 3;  // Linux: RCV_SHUTDOWN, SEND_SHUTDOWN

  bool is_datagram() const { return kind_ == Kind::kDatagram; }
  bool is_writable() const { return (std::uint64_t{self_->wmem_alloc} + 1) * 4 <= sndbuf_; }
  int take_error() { return std::exchange(error_, 0); }

  // unix_stream.cpp
  std::int64_t send_stream(const OutgoingMessage& message);
  int send_urgent(const OutgoingMessage& message, std::size_t at, bool with_rights);
  std::int64_t receive_stream(IncomingMessage& message);
  bool read_queue(Reading& reading);
  bool lacks_data(Reading& reading);
  void copy(Message& message, Reading& reading);
  Queue::iterator pass_urgent(Queue::iterator at, const Reading& reading);
  std::int64_t receive_urgent(IncomingMessage& message);

  // unix_datagram.cpp
  std::int64_t send_datagram(const OutgoingMessage& message);
  std::int64_t receive_datagram(IncomingMessage& message);
  std::int64_t take_datagram(IncomingMessage& message);
  int disconnect();

  // unix_messages.cpp
  int wait_for_space(int message_flags);
  void enqueue(UnixSocketFile& to, const OutgoingMessage& message, std::size_t at, std::size_t length,
               std::uint32_t truesize, bool with_rights);
  void remove(Queue::iterator at);
  static constexpr Events kWriteSpace = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
  void wake(UnixSocketFile* file, Events events, int nr_exclusive, bool sync);
  void hand_over_rights(Message& message, IncomingMessage& to, bool peeks);
  void drop(Message& message);
  void let_go_dropped();
  void state_changed();
  void charge_copy(std::size_t bytes) {
    scheduler().cpu().charge(costs_.unix_copy.of(static_cast<std::int64_t>(bytes)));
  }
  void changed();
  std::size_t unread() const;
  bool is_at_mark() const;

  int set_number(int option, int value);
  int get_number(int option, int& value);

  Files& files_;
  Kind kind_;
  bool is_connected_ = false;  // Linux: sk_state is TCP_ESTABLISHED
  std::uint8_t shutdown_ = 0;
  int error_ = 0;  // Linux: sk_err
  std::uint32_t rcvbuf_, sndbuf_;
  std::shared_ptr<Sock> self_, peer_;
  Queue queue_;
  std::size_t queued_ = 0;  // bytes in it that nobody has taken
  std::size_t left_out_ =
      0;  // urgent bytes that a read left out: Linux 6.18 never takes them off its inq_len
  std::uint64_t messages_ = 0;  // that came so far
  std::uint64_t urgent_ = 0;    // the number of the one; 0: none. Linux: oob_skb
  Mutex iolock_;                // of readers
  std::vector<File*> dropped_;  // descriptors that nobody took
  OptionsHolder options_;
};

}  // namespace stackscope
