#include <algorithm>
#include <climits>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

constexpr int kMostEntries = 1 << 16;

// --- poll ---------------------------------------------------------------------------------------------------------------

/// What poll() looks at. The entries themselves are kept on the stack, since others may change the list meanwhile.
struct Polled {
  std::span<pollfd> fds;
  int entries;  // where that copy of the list lies
};

Polled push_polled(lua_State* lua) {
  const int count = list_argument(lua, 1, kMostEntries);
  lua_settop(lua, 2);
  lua_createtable(lua, count, 0);
  auto* fds = push_array<pollfd>(lua, static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    if (lua_geti(lua, 1, i + 1) != LUA_TTABLE)
      luaL_error(lua, "element %d of the list must be {fd=, events=}", i + 1);
    const lua_Integer fd = integer_field(lua, -1, "fd", -1);
    const lua_Integer events = integer_field(lua, -1, "events", 0);
    fds[i] = {static_cast<int>(std::clamp<lua_Integer>(fd, INT_MIN, INT_MAX)), static_cast<short>(events), 0};
    lua_rawseti(lua, 3, i + 1);
  }
  return {{fds, static_cast<std::size_t>(count)}, 3};
}

int push_polled_result(lua_State* lua, const Polled& polled, int ready) {
  if (ready < 0) return failure(lua, ready);
  for (std::size_t i = 0; i < polled.fds.size(); ++i) {
    lua_rawgeti(lua, polled.entries, static_cast<lua_Integer>(i) + 1);
    lua_pushinteger(lua, static_cast<unsigned short>(polled.fds[i].revents));
    lua_setfield(lua, -2, "revents");
    lua_pop(lua, 1);
  }
  return result(lua, ready);
}

int poll(lua_State* lua, Thread& thread) {
  const int timeout_ms = int_argument(lua, 2, -1);
  const Polled polled = push_polled(lua);
  return push_polled_result(lua, polled, thread.os->poll(polled.fds, timeout_ms));
}

int ppoll(lua_State* lua, Thread& thread) {
  const std::optional<Duration> limit = duration_argument(lua, 2);
  const timespec time = timespec_of(limit ? limit->count() : 0);
  const Polled polled = push_polled(lua);
  return push_polled_result(lua, polled, thread.os->ppoll(polled.fds, limit ? &time : nullptr));
}

// --- select ---------------------------------------------------------------------------------------------------------------

constexpr int kBits = 64;
constexpr int kMostFds = 1 << 20;  // no table of descriptors is larger

/// The set of the descriptors in the list at `index`, with a bit for each below `limit`; empty for nil.
FdBits push_set(lua_State* lua, int index, int limit) {
  const auto words = static_cast<std::size_t>((limit + kBits - 1) / kBits);
  auto* set = push_array<unsigned long>(lua, words);
  std::fill_n(set, words, 0ul);
  if (lua_isnoneornil(lua, index)) return {};
  const int count = list_argument(lua, index, kMostEntries);
  for (int i = 1; i <= count; ++i) {
    const int fd = int_element(lua, index, i);
    if (fd >= 0 && fd < limit) set[fd / kBits] |= 1ul << (fd % kBits);
  }
  return count > 0 ? FdBits{set, words} : FdBits{};
}

/// One more than the largest descriptor of the three lists; −1 where one is negative.
int highest(lua_State* lua) {
  int limit = 0;
  for (int index = 1; index <= 3; ++index) {
    if (lua_isnoneornil(lua, index)) continue;
    const int count = list_argument(lua, index, kMostEntries);
    for (int i = 1; i <= count; ++i) {
      const int fd = int_element(lua, index, i);
      if (fd < 0) return -1;
      limit = std::max(limit, std::min(fd, kMostFds - 1) + 1);
    }
  }
  return limit;
}

/// Those of the list at `index` that are still in the set, in the list's order.
void push_chosen(lua_State* lua, int index, FdBits set) {
  lua_newtable(lua);
  if (set.empty()) return;
  const int count = list_argument(lua, index, kMostEntries);
  lua_Integer chosen = 0;
  for (int i = 1; i <= count; ++i) {
    const int fd = int_element(lua, index, i);
    const auto word = static_cast<std::size_t>(fd) / kBits;
    if (fd < 0 || word >= set.size() || ((set[word] >> (fd % kBits)) & 1) == 0) continue;
    lua_pushinteger(lua, fd);
    lua_rawseti(lua, -2, ++chosen);
  }
}

int system_select(lua_State* lua, Thread& thread) {
  lua_settop(lua, 4);
  const std::optional<Duration> limit = duration_argument(lua, 4);
  const timespec time = timespec_of(limit ? limit->count() : 0);
  const int n = highest(lua);
  if (n < 0) return failure(lua, EBADF);
  const FdBits sets[] = {push_set(lua, 1, n), push_set(lua, 2, n), push_set(lua, 3, n)};
  const int ready = thread.os->pselect6(n, sets[0], sets[1], sets[2], limit ? &time : nullptr);
  if (ready < 0) return failure(lua, ready);
  lua_pushinteger(lua, ready);
  for (int i = 0; i < 3; ++i) push_chosen(lua, i + 1, sets[i]);
  return 4;
}

/// Lua's own function of that name.
int select_arguments(lua_State* lua) {
  const int count = lua_gettop(lua);
  Process::spend(lua, count / 16);
  if (lua_type(lua, 1) == LUA_TSTRING && *lua_tostring(lua, 1) == '#')
    return lua_pushinteger(lua, count - 1), 1;
  lua_Integer from = luaL_checkinteger(lua, 1);
  if (from < 0) from = count + from;
  luaL_argcheck(lua, from >= 1, 1, "index out of range");
  return count - static_cast<int>(std::min<lua_Integer>(from, count));
}

int select(lua_State* lua, Thread& thread) {
  if (lua_istable(lua, 1) || lua_isnil(lua, 1)) return system_select(lua, thread);
  is_no_call(thread);
  return select_arguments(lua);
}

constexpr Binding kBindings[] = {
    {"poll", &poll, "poll({{fd=, events=}, …}, timeout_ms) → n",
     "How many of the entries are ready; each entry gets its `revents`, 0 included; −1 ms is for ever.",
     R"lua(local r, w = pipe()
local list = {{fd = r, events = POLLIN}, {fd = w, events = POLLOUT}}
print(poll(list, -1), list[1].revents, list[2].revents == POLLOUT)
)lua",
     "1\t0\ttrue\n"},
    {"ppoll", &ppoll, "ppoll(list, timeout_ns) → n", "poll with nanoseconds; nil is for ever.",
     R"lua(local r = pipe()
print(ppoll({{fd = r, events = POLLIN}}, us(100)))
)lua",
     "0\n"},
    {"select", &select, "select({r…}, {w…}, {e…}, timeout_ns) → n, {r…}, {w…}, {e…}",
     "Which descriptors are ready, each list in the order given; nil stands for an empty list. With a number "
     "or \"#\" it "
     "is Lua's own select.",
     R"lua(local r, w = pipe()
local n, readable, writable = select({r}, {w}, nil, nil)
print(n, #readable, writable[1] == w)
print(select("#", 1, 2, 3), select(2, "a", "b"))
)lua",
     "1\t0\ttrue\n3\tb\n"},
};

}  // namespace

std::span<const Binding> poll_bindings() { return kBindings; }

}  // namespace stackscope::lua
