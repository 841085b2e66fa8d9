#pragma once
// A search over a whole recording, a piece a frame: which records contain a text.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/recording.hpp"

namespace stackscope::gui {

class RecordSearch {
 public:
  /// Records that one frame puts into words at most: some milliseconds.
  static constexpr std::uint64_t kLooksAFrame = 4'000;

  /// The recording must outlive the search.
  explicit RecordSearch(const Recording& recording) : recording_(recording) {}

  /// Begins anew where the text is another; an empty one finds nothing.
  void look_for(std::string_view text);
  /// False where there was nothing left to do.
  bool advance(std::uint64_t most = kLooksAFrame);
  bool is_over() const { return text_.empty() || looked_ == recording_.size(); }

  const std::string& text() const { return text_; }
  /// Up to where it has looked; in order.
  const std::vector<RecordId>& found() const { return found_; }
  /// The first one after `from`, or the last one before it; of those that were found so far.
  std::optional<RecordId> next(RecordId from) const;
  std::optional<RecordId> previous(RecordId from) const;

 private:
  const Recording& recording_;
  std::string text_;
  std::uint64_t looked_ = 0;
  std::vector<RecordId> found_;
};

}  // namespace stackscope::gui
