#pragma once
// Epoll instances that watch each other: no circles, no deep chains, not too many ways up from one file.
//
// Linux:  fs/eventpoll.c ep_loop_check(), ep_loop_check_proc(), ep_get_upwards_depth_proc(), reverse_path_check()
// Units:  a depth counts instances between one and another; at most four may hang below each other.

#include <array>
#include <vector>

namespace stackscope {

class Epoll;
class EpollShared;
class File;

/// One check, for one EPOLL_CTL_ADD. Lives while the nesting mutex is held.
class EpollNesting {
 public:
  explicit EpollNesting(EpollShared& shared);
  ~EpollNesting();
  EpollNesting(const EpollNesting&) = delete;
  EpollNesting& operator=(const EpollNesting&) = delete;

  /// Whether `into` may watch `target`: no circle, and no chain too long. Notes the files below `target`.
  bool allows(Epoll& into, Epoll& target);
  /// One more file whose ways up are to be counted.
  void note(File& file) { files_.push_back(&file); }
  /// Whether a noted file has more ways up, of one length, than are allowed.
  bool has_too_many_paths();

 private:
  static constexpr int kMaxNests = 4;                                          // Linux: EP_MAX_NESTS
  static constexpr int kBad = 1'000'000;                                       // a circle, or far too deep
  static constexpr std::array<int, 5> kPathLimits = {1000, 500, 100, 50, 10};  // Linux: path_limits

  int depth_below(Epoll& epoll, int depth);
  int depth_above(Epoll& epoll);
  bool count_paths(File& file, std::size_t depth);

  EpollShared& shared_;
  Epoll* into_ = nullptr;
  std::vector<File*> files_;
  std::array<int, 5> paths_{};
};

}  // namespace stackscope
