// string.find, match, gmatch and gsub.

#include <cstring>
#include <lua.hpp>

#include "userland/lua/libraries.hpp"
#include "userland/lua/pattern.hpp"
#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

struct Text {
  const char* data;
  std::size_t size;
  const char* end() const { return data + size; }
};

Text text_argument(lua_State* lua, int index) {
  Text text{};
  text.data = luaL_checklstring(lua, index, &text.size);
  return text;
}

/// Where to begin, from 0; may be past the end.
std::size_t start_argument(lua_State* lua, int index, std::size_t size) {
  const lua_Integer at = luaL_optinteger(lua, index, 1);
  const auto length = static_cast<lua_Integer>(size);
  if (at > 0) return static_cast<std::size_t>(at) - 1;
  return at == 0 || at < -length ? 0 : static_cast<std::size_t>(length + at);
}

Matcher matcher_of(lua_State* lua, Text subject, Text pattern) {
  return {lua, subject.data, subject.size, pattern.data, pattern.size};
}

bool is_anchored(Text& pattern) {
  if (pattern.size == 0 || *pattern.data != '^') return false;
  ++pattern.data;
  --pattern.size;
  return true;
}

bool has_specials(Text pattern) {
  for (std::size_t i = 0; i < pattern.size; ++i) {
    if (pattern.data[i] != '\0' && std::strchr("^$*+?.([%-", pattern.data[i]) != nullptr) return true;
  }
  return false;
}

int find_plain(lua_State* lua, Text subject, Text wanted, std::size_t start) {
  Process::spend(lua, static_cast<std::int64_t>(subject.size - start + wanted.size) / 4);
  const void* const found = memmem(subject.data + start, subject.size - start, wanted.data, wanted.size);
  if (found == nullptr) return lua_pushnil(lua), 1;
  const lua_Integer first = static_cast<const char*>(found) - subject.data + 1;
  lua_pushinteger(lua, first);
  lua_pushinteger(lua, first + static_cast<lua_Integer>(wanted.size) - 1);
  return 2;
}

int search(lua_State* lua, bool is_find) {
  const Text subject = text_argument(lua, 1);
  Text pattern = text_argument(lua, 2);
  const std::size_t start = start_argument(lua, 3, subject.size);
  if (start > subject.size) return lua_pushnil(lua), 1;
  if (is_find && (lua_toboolean(lua, 4) || !has_specials(pattern))) {
    return find_plain(lua, subject, pattern, start);
  }
  const bool once = is_anchored(pattern);
  Matcher matcher = matcher_of(lua, subject, pattern);
  for (const char* s = subject.data + start; s <= subject.end(); ++s) {
    if (const char* const end = matcher.match_at(s)) {
      if (!is_find) return matcher.push_captures(s, end);
      lua_pushinteger(lua, s - subject.data + 1);
      lua_pushinteger(lua, end - subject.data);
      return matcher.push_captures(nullptr, nullptr) + 2;
    }
    if (once) break;
  }
  lua_pushnil(lua);
  return 1;
}

int find(lua_State* lua) { return search(lua, true); }
int match(lua_State* lua) { return search(lua, false); }

/// Upvalues: subject, pattern, where to begin (from 0), where the last match ended (−1: none).
int next_match(lua_State* lua) {
  Text subject{}, pattern{};
  subject.data = lua_tolstring(lua, lua_upvalueindex(1), &subject.size);
  pattern.data = lua_tolstring(lua, lua_upvalueindex(2), &pattern.size);
  const lua_Integer start = lua_tointeger(lua, lua_upvalueindex(3));
  const lua_Integer last_end = lua_tointeger(lua, lua_upvalueindex(4));
  if (start > static_cast<lua_Integer>(subject.size)) return 0;
  Matcher matcher = matcher_of(lua, subject, pattern);
  for (const char* s = subject.data + start; s <= subject.end(); ++s) {
    const char* const end = matcher.match_at(s);
    if (end == nullptr || end - subject.data == last_end) continue;
    for (const int upvalue : {3, 4}) {
      lua_pushinteger(lua, end - subject.data);
      lua_replace(lua, lua_upvalueindex(upvalue));
    }
    return matcher.push_captures(s, end);
  }
  return 0;
}

int gmatch(lua_State* lua) {
  const Text subject = text_argument(lua, 1);
  text_argument(lua, 2);
  const std::size_t start = std::min(start_argument(lua, 3, subject.size), subject.size + 1);
  lua_settop(lua, 2);
  lua_pushinteger(lua, static_cast<lua_Integer>(start));
  lua_pushinteger(lua, -1);
  lua_pushcclosure(lua, &next_match, 4);
  return 1;
}

// --- gsub -------------------------------------------------------------------------------------------------------------

/// A replacement string: %0 to %9 stand for captures.
void add_string(lua_State* lua, Matcher& matcher, luaL_Buffer& to, const char* from, const char* end) {
  std::size_t size = 0;
  const char* p = lua_tolstring(lua, 3, &size);
  const char* const last = p + size;
  Process::spend(lua, static_cast<std::int64_t>(size) / 16);
  while (p < last) {
    const auto* escape = static_cast<const char*>(std::memchr(p, '%', static_cast<std::size_t>(last - p)));
    if (escape == nullptr) escape = last;
    luaL_addlstring(&to, p, static_cast<std::size_t>(escape - p));
    if (escape == last) return;
    const char what = escape + 1 < last ? escape[1] : '\0';
    p = escape + 2;
    if (what == '%') {
      luaL_addchar(&to, '%');
    } else if (what == '0') {
      luaL_addlstring(&to, from, static_cast<std::size_t>(end - from));
    } else if (what >= '1' && what <= '9') {
      if (what - '1' >= matcher.captures() && what != '1') {
        luaL_error(lua, "invalid capture index %%%d in replacement string", what - '0');
      }
      matcher.push_capture(what - '1', from, end);
      luaL_tolstring(lua, -1, nullptr);
      lua_remove(lua, -2);
      luaL_addvalue(&to);
    } else {
      luaL_error(lua, "invalid use of '%%' in replacement string");
    }
  }
}

/// Returns whether the text changed.
bool add_replacement(lua_State* lua, Matcher& matcher, luaL_Buffer& to, const char* from, const char* end) {
  const int type = lua_type(lua, 3);
  if (type == LUA_TSTRING || type == LUA_TNUMBER) return add_string(lua, matcher, to, from, end), true;
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(lua, 3);
    const int count = matcher.push_captures(from, end);
    lua_call(lua, count, 1);
  } else {
    matcher.push_capture(0, from, end);
    lua_gettable(lua, 3);
  }
  if (!lua_toboolean(lua, -1)) {
    lua_pop(lua, 1);
    luaL_addlstring(&to, from, static_cast<std::size_t>(end - from));
    return false;
  }
  if (!lua_isstring(lua, -1)) luaL_error(lua, "invalid replacement value (a %s)", luaL_typename(lua, -1));
  luaL_addvalue(&to);
  return true;
}

/// Writes the new text to `to`; returns how many matches there were, and whether one changed anything.
lua_Integer replace_all(lua_State* lua, Text subject, Text pattern, luaL_Buffer& to, bool& changed) {
  const lua_Integer most = luaL_optinteger(lua, 4, static_cast<lua_Integer>(subject.size) + 1);
  const bool once = is_anchored(pattern);
  Matcher matcher = matcher_of(lua, subject, pattern);
  const char* s = subject.data;
  const char* last_end = nullptr;
  lua_Integer count = 0;
  while (count < most) {
    const char* const end = matcher.match_at(s);
    if (end != nullptr && end != last_end) {
      ++count;
      changed = add_replacement(lua, matcher, to, s, end) || changed;
      s = last_end = end;
    } else if (s < subject.end()) {
      luaL_addchar(&to, *s++);
    } else {
      break;
    }
    if (once) break;
  }
  luaL_addlstring(&to, s, static_cast<std::size_t>(subject.end() - s));
  return count;
}

int gsub(lua_State* lua) {
  const Text subject = text_argument(lua, 1), pattern = text_argument(lua, 2);
  const int type = lua_type(lua, 3);
  if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TFUNCTION && type != LUA_TTABLE) {
    luaL_typeerror(lua, 3, "string/function/table");
  }
  lua_settop(lua, 4);  // the buffer puts its own on the stack
  bool changed = false;
  luaL_Buffer to;
  luaL_buffinit(lua, &to);
  const lua_Integer count = replace_all(lua, subject, pattern, to, changed);
  luaL_pushresult(&to);
  if (!changed) lua_pushvalue(lua, 1);
  lua_pushinteger(lua, count);
  return 2;
}

constexpr luaL_Reg kOwn[] = {
    {"find", &find}, {"match", &match}, {"gmatch", &gmatch}, {"gsub", &gsub}, {nullptr, nullptr}};

}  // namespace

void open_patterns(lua_State* lua) { luaL_setfuncs(lua, kOwn, 0); }

}  // namespace stackscope::lua
