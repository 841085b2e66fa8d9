#pragma once
// Lua's patterns, matched with every step paid for, so that no pattern runs away. Internal to userland/lua.
//
// Lua:     lstrlib.c; the manual's 6.4.1
// Differs: the letters of character classes are those of the C locale, always.

#include <cstddef>
#include <lua.hpp>

namespace stackscope::lua {

/// One subject and one pattern. Errors in the pattern are Lua errors. Plain data: it may be dropped at any point.
class Matcher {
 public:
  static constexpr int kMostCaptures = 32;

  Matcher(lua_State* lua, const char* subject, std::size_t subject_length, const char* pattern,
          std::size_t pattern_length)
      : lua_(lua),
        subject_(subject),
        subject_end_(subject + subject_length),
        pattern_(pattern),
        pattern_end_(pattern + pattern_length) {}

  /// The end of a match that begins exactly at `from`, or null.
  const char* match_at(const char* from);

  /// Of the last match: how many captures were written down.
  int captures() const { return level_; }
  /// Pushes all captures, or the whole match where there is none and `from` is given. Returns how many.
  int push_captures(const char* from, const char* to);
  /// Pushes capture `index`, counted from 0. REQUIRES: a match from `from` to `to`.
  void push_capture(int index, const char* from, const char* to);

 private:
  static constexpr std::ptrdiff_t kUnclosed = -1, kPosition = -2;
  struct Capture {
    const char* begin;
    std::ptrdiff_t length;
  };

  const char* match(const char* s, const char* p);
  /// What follows a single item: one of *, +, -, ?, or nothing. Returns whether matching goes on at (s, p).
  bool match_item(const char*& s, const char*& p, const char*& result);
  const char* repeat_most(const char* s, const char* p, const char* after);
  const char* repeat_least(const char* s, const char* p, const char* after);
  const char* balanced(const char* s, const char* p);
  bool is_frontier(const char* s, const char* set, const char* after) const;
  const char* open_capture(const char* s, const char* p, std::ptrdiff_t kind);
  const char* close_capture(const char* s, const char* p);
  const char* back_reference(const char* s, char digit);
  /// The end of the class or set at `p`.
  const char* end_of_item(const char* p);
  bool fits(const char* s, const char* p, const char* after) const;
  int checked_capture(char digit);
  void step();

  lua_State* lua_;
  const char* subject_;
  const char* subject_end_;
  const char* pattern_;
  const char* pattern_end_;
  int depth_ = 0;
  int unpaid_ = 0;
  int level_ = 0;
  Capture captures_[kMostCaptures];
};

}  // namespace stackscope::lua
