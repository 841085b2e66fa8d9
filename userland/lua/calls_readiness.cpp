// epoll, poll and select.

#include "userland/lua/arguments.hpp"

namespace stackscope::lua {

namespace {

int call_epoll_create1(lua_State* lua) {
  const int flags = int_at(lua, 1, 0);
  return push_result(lua,
                     in_call(lua, "epoll_create1", [&](Syscalls& os) { return os.epoll_create1(flags); }));
}

int call_epoll_ctl(lua_State* lua) {
  const int epoll = int_at(lua, 1), operation = int_at(lua, 2), fd = int_at(lua, 3);
  epoll_event event{};
  event.events = static_cast<std::uint32_t>(luaL_optinteger(lua, 4, 0));
  event.data.u64 = static_cast<std::uint64_t>(luaL_optinteger(lua, 5, fd));
  return push_result(lua, in_call(lua, "epoll_ctl",
                                  [&](Syscalls& os) { return os.epoll_ctl(epoll, operation, fd, event); }));
}

/// Room for what epoll_wait() reports. The kernel refuses what is too much, or nothing, by the number alone.
std::span<epoll_event> room_for_events(lua_State* lua, int most) {
  constexpr int kAtOnce = 65536;
  if (most > 0 && most <= kAtOnce) return room<epoll_event>(lua, static_cast<std::size_t>(most));
  const std::span<epoll_event> some = room<epoll_event>(lua, most > 0 ? kAtOnce : 0);
  return {some.data(), static_cast<std::size_t>(most)};
}

int push_events(lua_State* lua, int count, std::span<const epoll_event> events) {
  if (count < 0) return push_error(lua, count);
  lua_createtable(lua, count, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    lua_createtable(lua, 0, 2);
    lua_pushinteger(lua, event.events);
    lua_setfield(lua, -2, "events");
    lua_pushinteger(lua, static_cast<lua_Integer>(event.data.u64));
    lua_setfield(lua, -2, "data");
    lua_rawseti(lua, -2, i + 1);
  }
  return 1;
}

int call_epoll_wait(lua_State* lua) {
  const int epoll = int_at(lua, 1), most = int_at(lua, 2), timeout = int_at(lua, 3, -1);
  const std::span<epoll_event> events = room_for_events(lua, most);
  const int count =
      in_call(lua, "epoll_wait", [&](Syscalls& os) { return os.epoll_wait(epoll, events, timeout); });
  return push_events(lua, count, events);
}

int call_epoll_pwait2(lua_State* lua) {
  const int epoll = int_at(lua, 1), most = int_at(lua, 2);
  timespec at{};
  const timespec* const timeout = timeout_at(lua, 3, at);
  const std::span<epoll_event> events = room_for_events(lua, most);
  const int count =
      in_call(lua, "epoll_pwait2", [&](Syscalls& os) { return os.epoll_pwait2(epoll, events, timeout); });
  return push_events(lua, count, events);
}

// --- poll ------------------------------------------------------------------------------------------------------------

lua_Integer integer_field(lua_State* lua, const char* name) {
  lua_getfield(lua, -1, name);
  int is_integer = 0;
  const lua_Integer value = lua_tointegerx(lua, -1, &is_integer);
  if (is_integer == 0) luaL_error(lua, "an entry of poll's list has no integer '%s'", name);
  lua_pop(lua, 1);
  return value;
}

std::span<pollfd> polled_at(lua_State* lua, int index) {
  luaL_checktype(lua, index, LUA_TTABLE);
  const lua_Integer count = luaL_len(lua, index);
  if (count > 1 << 20) luaL_argerror(lua, index, "too many descriptors");
  const std::span<pollfd> fds = room<pollfd>(lua, static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < fds.size(); ++i) {
    if (lua_geti(lua, index, static_cast<lua_Integer>(i) + 1) != LUA_TTABLE)
      luaL_argerror(lua, index, "its entries are tables {fd =, events =}");
    fds[i].fd = static_cast<int>(integer_field(lua, "fd"));
    fds[i].events = static_cast<short>(integer_field(lua, "events"));
    fds[i].revents = 0;
    lua_pop(lua, 1);
  }
  return fds;
}

int push_polled(lua_State* lua, int count, std::span<const pollfd> fds) {
  if (count < 0) return push_error(lua, count);
  for (std::size_t i = 0; i < fds.size(); ++i) {
    if (lua_geti(lua, 1, static_cast<lua_Integer>(i) + 1) ==
        LUA_TTABLE) {  // another thread may have changed it
      lua_pushinteger(lua, static_cast<unsigned short>(fds[i].revents));
      lua_setfield(lua, -2, "revents");
    }
    lua_pop(lua, 1);
  }
  lua_pushinteger(lua, count);
  return 1;
}

int call_poll(lua_State* lua) {
  const std::span<pollfd> fds = polled_at(lua, 1);
  const int timeout = int_at(lua, 2, -1);
  const int count = in_call(lua, "poll", [&](Syscalls& os) { return os.poll(fds, timeout); });
  return push_polled(lua, count, fds);
}

int call_ppoll(lua_State* lua) {
  const std::span<pollfd> fds = polled_at(lua, 1);
  timespec at{};
  const timespec* const timeout = timeout_at(lua, 2, at);
  const int count = in_call(lua, "ppoll", [&](Syscalls& os) { return os.ppoll(fds, timeout); });
  return push_polled(lua, count, fds);
}

// --- select ----------------------------------------------------------------------------------------------------------

constexpr lua_Integer kMostSelected = 1 << 20;
constexpr unsigned kWordBits = 8 * sizeof(unsigned long);

/// The highest descriptor of three lists, plus one.
int highest_of(lua_State* lua) {
  lua_Integer highest = 0;
  for (int list = 1; list <= 3; ++list) {
    if (lua_isnoneornil(lua, list)) continue;
    luaL_checktype(lua, list, LUA_TTABLE);
    for (lua_Integer i = luaL_len(lua, list); i > 0; --i) {
      lua_geti(lua, list, i);
      const lua_Integer fd = luaL_checkinteger(lua, -1);
      if (fd < 0 || fd >= kMostSelected) luaL_argerror(lua, list, "a descriptor that no set can hold");
      highest = std::max(highest, fd + 1);
      lua_pop(lua, 1);
    }
  }
  return static_cast<int>(highest);
}

FdBits set_at(lua_State* lua, int list, int highest) {
  if (lua_isnoneornil(lua, list) || luaL_len(lua, list) == 0) return {};
  const FdBits bits =
      room<unsigned long>(lua, (static_cast<std::size_t>(highest) + kWordBits - 1) / kWordBits);
  std::fill(bits.begin(), bits.end(), 0UL);
  for (lua_Integer i = luaL_len(lua, list); i > 0; --i) {
    lua_geti(lua, list, i);
    const auto fd = static_cast<std::size_t>(lua_tointeger(lua, -1));
    bits[fd / kWordBits] |= 1UL << (fd % kWordBits);
    lua_pop(lua, 1);
  }
  return bits;
}

/// Those of a list that are still set, in its order.
void push_set(lua_State* lua, int list, FdBits bits) {
  lua_newtable(lua);
  if (bits.empty()) return;
  lua_Integer found = 0;
  for (lua_Integer i = 1, n = luaL_len(lua, list); i <= n; ++i) {
    lua_geti(lua, list, i);
    const auto fd = static_cast<std::size_t>(lua_tointeger(lua, -1));
    const bool is_set = fd / kWordBits < bits.size() && (bits[fd / kWordBits] >> (fd % kWordBits) & 1) != 0;
    is_set ? lua_rawseti(lua, -2, ++found) : lua_pop(lua, 1);
  }
}

/// select(2) of three lists; of a number or "#", Lua's own select, the upvalue.
int call_select(lua_State* lua) {
  if (lua_type(lua, 1) == LUA_TNUMBER || lua_type(lua, 1) == LUA_TSTRING) {
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
    return lua_gettop(lua);
  }
  lua_settop(lua, 4);
  timespec at{};
  const timespec* const timeout = timeout_at(lua, 4, at);
  const int highest = highest_of(lua);
  const FdBits read = set_at(lua, 1, highest), write = set_at(lua, 2, highest),
               except = set_at(lua, 3, highest);
  const int count = in_call(lua, "select",
                            [&](Syscalls& os) { return os.pselect6(highest, read, write, except, timeout); });
  if (count < 0) return push_error(lua, count);
  lua_pushinteger(lua, count);
  push_set(lua, 1, read);
  push_set(lua, 2, write);
  push_set(lua, 3, except);
  return 4;
}

constexpr luaL_Reg kCalls[] = {{"epoll_create1", call_epoll_create1},
                               {"epoll_ctl", call_epoll_ctl},
                               {"epoll_wait", call_epoll_wait},
                               {"epoll_pwait2", call_epoll_pwait2},
                               {"poll", call_poll},
                               {"ppoll", call_ppoll},
                               {nullptr, nullptr}};

}  // namespace

void open_readiness(lua_State* lua) {
  add_globals(lua, kCalls);
  lua_getglobal(lua, "select");
  lua_pushcclosure(lua, call_select, 1);
  lua_setglobal(lua, "select");
}

}  // namespace stackscope::lua
