#include "userland/lua/pattern.hpp"

#include <algorithm>
#include <cstring>

#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

constexpr int kDeepest = 200;
constexpr int kStepsAPayment = 1000;
constexpr char kEscape = '%';

bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(unsigned char c) { return is_lower(c) || is_upper(c); }
bool is_printed(unsigned char c) { return c > ' ' && c < 0x7f; }
bool is_space(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_hex(unsigned char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Whether `c` is in class `name` (%a …); a name that is no class stands for itself.
bool is_in_class(unsigned char c, unsigned char name) {
  bool is_in = false;
  switch (name | 0x20) {
    case 'a':
      is_in = is_letter(c);
      break;
    case 'c':
      is_in = c < ' ' || c == 0x7f;
      break;
    case 'd':
      is_in = is_digit(c);
      break;
    case 'g':
      is_in = is_printed(c);
      break;
    case 'l':
      is_in = is_lower(c);
      break;
    case 'p':
      is_in = is_printed(c) && !is_letter(c) && !is_digit(c);
      break;
    case 's':
      is_in = is_space(c);
      break;
    case 'u':
      is_in = is_upper(c);
      break;
    case 'w':
      is_in = is_letter(c) || is_digit(c);
      break;
    case 'x':
      is_in = is_hex(c);
      break;
    default:
      return name == c;
  }
  if (!is_letter(name)) return name == c;
  return is_upper(name) ? !is_in : is_in;
}

/// `p` is at the '[', `last` at the ']'.
bool is_in_set(unsigned char c, const char* p, const char* last) {
  const bool wanted = p[1] != '^';
  if (!wanted) ++p;
  while (++p < last) {
    if (*p == kEscape) {
      if (is_in_class(c, static_cast<unsigned char>(*++p))) return wanted;
    } else if (p[1] == '-' && p + 2 < last) {
      if (static_cast<unsigned char>(p[0]) <= c && c <= static_cast<unsigned char>(p[2])) return wanted;
      p += 2;
    } else if (static_cast<unsigned char>(*p) == c) {
      return wanted;
    }
  }
  return !wanted;
}

}  // namespace

void Matcher::step() {
  if (++unpaid_ < kStepsAPayment) return;
  unpaid_ = 0;
  Process::spend(lua_, kStepsAPayment);
}

const char* Matcher::match_at(const char* from) {
  level_ = 0;
  depth_ = 0;
  return match(from, pattern_);
}

const char* Matcher::match(const char* s, const char* p) {
  if (++depth_ > kDeepest) luaL_error(lua_, "pattern too complex");
  const char* result = nullptr;
  for (bool goes_on = true; goes_on;) {
    step();
    if (p == pattern_end_) {
      result = s;
      break;
    }
    goes_on = false;
    if (*p == '(') {
      result = p[1] == ')' ? open_capture(s, p + 2, kPosition) : open_capture(s, p + 1, kUnclosed);
    } else if (*p == ')') {
      result = close_capture(s, p + 1);
    } else if (*p == '$' && p + 1 == pattern_end_) {
      result = s == subject_end_ ? s : nullptr;
    } else {
      goes_on = match_item(s, p, result);
    }
  }
  --depth_;
  return result;
}

bool Matcher::match_item(const char*& s, const char*& p, const char*& result) {
  const char kind = *p == kEscape && p + 1 < pattern_end_ ? p[1] : '\0';
  if (kind == 'b') {
    s = balanced(s, p + 2);
    p += 4;
    return s != nullptr;
  }
  if (kind == 'f') {
    const char* const set = p + 2;
    if (set >= pattern_end_ || *set != '[') luaL_error(lua_, "missing '[' after '%%f' in pattern");
    const char* const after_set = end_of_item(set);
    p = after_set;
    return is_frontier(s, set, after_set);
  }
  if (is_digit(static_cast<unsigned char>(kind))) {
    s = back_reference(s, kind);
    p += 2;
    return s != nullptr;
  }
  const char* const after = end_of_item(p);
  const char suffix = after < pattern_end_ ? *after : '\0';
  if (suffix == '*' || suffix == '+') {
    const bool is_enough = suffix == '*' || fits(s, p, after);
    result = is_enough ? repeat_most(suffix == '*' ? s : s + 1, p, after) : nullptr;
    return false;
  }
  if (suffix == '-') {
    result = repeat_least(s, p, after);
    return false;
  }
  if (suffix == '?') {
    if (fits(s, p, after) && (result = match(s + 1, after + 1)) != nullptr) return false;
    p = after + 1;
    return true;
  }
  if (!fits(s, p, after)) return false;
  ++s;
  p = after;
  return true;
}

const char* Matcher::repeat_most(const char* s, const char* p, const char* after) {
  const char* end = s;
  for (; fits(end, p, after); ++end) step();
  for (; end >= s; --end) {
    if (const char* const result = match(end, after + 1)) return result;
  }
  return nullptr;
}

const char* Matcher::repeat_least(const char* s, const char* p, const char* after) {
  for (;; ++s) {
    if (const char* const result = match(s, after + 1)) return result;
    if (!fits(s, p, after)) return nullptr;
  }
}

const char* Matcher::balanced(const char* s, const char* p) {
  if (p + 1 >= pattern_end_) luaL_error(lua_, "malformed pattern (missing arguments to '%%b')");
  if (s == subject_end_ || *s != *p) return nullptr;
  for (int open = 1; ++s < subject_end_;) {
    step();
    if (*s == p[1]) {
      if (--open == 0) return s + 1;
    } else if (*s == *p) {
      ++open;
    }
  }
  return nullptr;
}

bool Matcher::is_frontier(const char* s, const char* set, const char* after) const {
  const char before = s == subject_ ? '\0' : s[-1];
  const char here = s == subject_end_ ? '\0' : *s;
  return !is_in_set(static_cast<unsigned char>(before), set, after - 1) &&
         is_in_set(static_cast<unsigned char>(here), set, after - 1);
}

const char* Matcher::open_capture(const char* s, const char* p, std::ptrdiff_t kind) {
  if (level_ >= kMostCaptures) luaL_error(lua_, "too many captures");
  captures_[level_++] = {s, kind};
  const char* const result = match(s, p);
  if (result == nullptr) --level_;
  return result;
}

const char* Matcher::close_capture(const char* s, const char* p) {
  int open = level_ - 1;
  while (open >= 0 && captures_[open].length != kUnclosed) --open;
  if (open < 0) luaL_error(lua_, "invalid pattern capture");
  captures_[open].length = s - captures_[open].begin;
  const char* const result = match(s, p);
  if (result == nullptr) captures_[open].length = kUnclosed;
  return result;
}

int Matcher::checked_capture(char digit) {
  const int index = digit - '1';
  if (index < 0 || index >= level_ || captures_[index].length == kUnclosed) {
    luaL_error(lua_, "invalid capture index %%%d", index + 1);
  }
  return index;
}

const char* Matcher::back_reference(const char* s, char digit) {
  const Capture& capture = captures_[checked_capture(digit)];
  const std::ptrdiff_t length = std::max<std::ptrdiff_t>(capture.length, 0);  // a position is no text
  if (subject_end_ - s < length) return nullptr;
  Process::spend(lua_, length / 16);
  return std::memcmp(capture.begin, s, static_cast<std::size_t>(length)) == 0 ? s + length : nullptr;
}

const char* Matcher::end_of_item(const char* p) {
  const char first = *p++;
  if (first == kEscape) {
    if (p == pattern_end_) luaL_error(lua_, "malformed pattern (ends with '%%')");
    return p + 1;
  }
  if (first != '[') return p;
  if (p < pattern_end_ && *p == '^') ++p;
  do {  // a ']' that comes first is an element
    if (p >= pattern_end_) luaL_error(lua_, "malformed pattern (missing ']')");
    if (*p++ == kEscape) ++p;
    step();
  } while (p >= pattern_end_ || *p != ']');
  return p + 1;
}

bool Matcher::fits(const char* s, const char* p, const char* after) const {
  if (s >= subject_end_) return false;
  const auto c = static_cast<unsigned char>(*s);
  if (*p == '.') return true;
  if (*p == kEscape) return is_in_class(c, static_cast<unsigned char>(p[1]));
  if (*p == '[') return is_in_set(c, p, after - 1);
  return static_cast<unsigned char>(*p) == c;
}

void Matcher::push_capture(int index, const char* from, const char* to) {
  if (index >= level_) {
    if (index != 0) luaL_error(lua_, "invalid capture index %%%d", index + 1);
    lua_pushlstring(lua_, from, static_cast<std::size_t>(to - from));
    return;
  }
  const Capture& capture = captures_[index];
  if (capture.length == kUnclosed) luaL_error(lua_, "unfinished capture");
  if (capture.length == kPosition) {
    lua_pushinteger(lua_, capture.begin - subject_ + 1);
  } else {
    lua_pushlstring(lua_, capture.begin, static_cast<std::size_t>(capture.length));
  }
}

int Matcher::push_captures(const char* from, const char* to) {
  const int count = level_ == 0 && from != nullptr ? 1 : level_;
  luaL_checkstack(lua_, count, "too many captures");
  for (int i = 0; i < count; ++i) push_capture(i, from, to);
  return count;
}

}  // namespace stackscope::lua
