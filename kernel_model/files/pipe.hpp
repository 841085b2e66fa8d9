#pragma once
// A pipe: a ring of pages between its two ends (PipeEnd), with a queue of sleepers for each.
//
// What limits it is pages, not bytes. A write puts its odd bytes into the last page where they fit and that page is no
// packet, and each further page into a slot of its own; so a pipe of 16 slots may be full with 17 bytes. A write of up to
// a page goes in at once or not at all. Readers are woken when it was empty, writers when it was full, one each, and who
// was woken wakes the next of its kind if something is left; but once somebody polled, each write wakes a reader, as
// edge-triggered epoll expects.
//
// Linux:     fs/pipe.c anon_pipe_read(), anon_pipe_write(), pipe_poll(), pipe_release(), pipe_set_size()
// Invariant: what is in it changes under its mutex only; a slot in it holds 1 to 4096 bytes.
// Differs:   EPIPE comes without SIGPIPE, which programs ignore.
// Differs:   its user has no CAP_SYS_RESOURCE, so that 1 MiB is the most (pipe-max-size), and yet no limit for all pipes
//            together (pipe-user-pages-soft). Who could notice: a user with more than 1024 pipes, whose next ones are
//            smaller.
// Differs:   a page's own tail, which Linux keeps for the next write, costs what any page does.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "kernel_model/costs/file_costs.hpp"
#include "kernel_model/files/file.hpp"
#include "kernel_model/scheduler/mutex.hpp"
#include "kernel_model/scheduler/wait_queue.hpp"
#include "kernel_model/vocabulary/wait_reason.hpp"

namespace stackscope {

class Pipe {
 public:
  static constexpr std::uint32_t kPage = 4096;
  static constexpr std::uint32_t kMaxSize = 1 << 20;  // Linux: pipe_max_size

  /// `reading` and `writing`: the two ends, both open from now on.
  Pipe(FileId reading, FileId writing, Scheduler& scheduler, const FileCosts& costs);
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  FileId reading_end() const { return reading_; }
  /// How much can be read. Linux: FIONREAD
  std::uint32_t bytes() const { return bytes_; }
  std::uint32_t slots() const { return static_cast<std::uint32_t>(ring_.size()); }
  std::uint32_t max_usage() const { return max_usage_; }
  bool has_reader() const { return has_reader_; }
  bool has_writer() const { return has_writer_; }
  bool is_empty() const { return ring_.empty(); }
  bool is_full() const { return ring_.size() >= max_usage_; }
  WaitQueue& readers() { return readers_; }
  WaitQueue& writers() { return writers_; }

  /// The bytes read, 0 at the end of file, or −errno: EAGAIN, EINTR. Bytes written without data read as zeros. REQUIRES: task context.
  std::int64_t read(const File& end, std::span<const Buffer> to);
  /// The bytes written, or −errno: EPIPE, EAGAIN, EINTR. `in_packets`: each write starts a slot that is read alone.
  /// REQUIRES: task context.
  std::int64_t write(const File& end, std::span<const ConstBuffer> from, bool in_packets);
  /// From now on each write wakes a reader. Linux: poll_usage
  void note_polled() { was_polled_ = true; }
  /// An end is closed.
  void release(const File& end);

  /// F_GETPIPE_SZ, in bytes.
  int size() const { return static_cast<int>(max_usage_ * kPage); }
  /// F_SETPIPE_SZ: the size, rounded up to a power of two of pages; or −errno: EINVAL, EPERM, EBUSY.
  int set_size(const File& end, int size);

  /// Asserts what the header says always holds. For debug builds.
  void check_invariants() const;

 private:
  /// Linux: struct pipe_buffer
  struct Slot {
    std::vector<std::byte> data;  // from the page's start; empty where it was written without data
    std::uint32_t offset = 0, size = 0;
    bool is_packet = false;
  };

  using Parts = std::span<const ConstBuffer>;
  std::size_t merge(const File& end, Parts from, std::size_t size);
  std::size_t fill_slot(const File& end, Parts from, std::size_t at, std::size_t left, bool in_packets);
  bool drain_slot(const File& end, std::span<const Buffer> to, std::size_t size, std::size_t& done);
  static void append(Slot& slot, Parts from, std::size_t at, std::size_t length);
  template <class Condition>
  bool wait_until(WaitQueue& queue, WaitReason reason, Condition condition);
  void wake_reader();
  void wake_writer();
  void changed(const File& end);

  Scheduler& scheduler_;
  const FileCosts& costs_;
  FileId reading_, writing_;
  Mutex mutex_;
  std::deque<Slot> ring_;
  std::uint32_t bytes_ = 0;
  std::uint32_t max_usage_ = kPipeDefBuffers;
  bool has_reader_ = true, has_writer_ = true;
  bool was_polled_ = false;
  WaitQueue readers_, writers_;  // Linux: rd_wait, wr_wait
};

}  // namespace stackscope
