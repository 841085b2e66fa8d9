// Sockets: names, connections, and what they carry.

#include "userland/lua/arguments.hpp"

namespace stackscope::lua {

namespace {

int call_socket(lua_State* lua) {
  const int domain = int_at(lua, 1), type = int_at(lua, 2), protocol = int_at(lua, 3, 0);
  return push_result(lua,
                     in_call(lua, "socket", [&](Syscalls& os) { return os.socket(domain, type, protocol); }));
}

int call_socketpair(lua_State* lua) {
  const int domain = int_at(lua, 1), type = int_at(lua, 2), protocol = int_at(lua, 3, 0);
  std::array<int, 2> fds{};
  const int result =
      in_call(lua, "socketpair", [&](Syscalls& os) { return os.socketpair(domain, type, protocol, fds); });
  if (result < 0) return push_error(lua, result);
  lua_pushinteger(lua, fds[0]);
  lua_pushinteger(lua, fds[1]);
  return 2;
}

int call_bind(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const SocketAddress address = address_at(lua, 2);
  return push_result(lua, in_call(lua, "bind", [&](Syscalls& os) { return os.bind(fd, address); }));
}
int call_listen(lua_State* lua) {
  const int fd = int_at(lua, 1), backlog = int_at(lua, 2);
  return push_result(lua, in_call(lua, "listen", [&](Syscalls& os) { return os.listen(fd, backlog); }));
}
int call_connect(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const SocketAddress address = address_at(lua, 2);
  return push_result(lua, in_call(lua, "connect", [&](Syscalls& os) { return os.connect(fd, address); }));
}
int call_shutdown(lua_State* lua) {
  const int fd = int_at(lua, 1), how = int_at(lua, 2);
  return push_result(lua, in_call(lua, "shutdown", [&](Syscalls& os) { return os.shutdown(fd, how); }));
}

int accept_with(lua_State* lua, const char* name, int flags) {
  const int fd = int_at(lua, 1);
  SocketAddress peer;
  const int accepted = in_call(lua, name, [&](Syscalls& os) { return os.accept4(fd, &peer, flags); });
  if (accepted < 0) return push_error(lua, accepted);
  lua_pushinteger(lua, accepted);
  push_address(lua, peer);
  return 2;
}
int call_accept(lua_State* lua) { return accept_with(lua, "accept", 0); }
int call_accept4(lua_State* lua) { return accept_with(lua, "accept4", int_at(lua, 2, 0)); }

int push_name(lua_State* lua, int result, const SocketAddress& name) {
  if (result < 0) return push_error(lua, result);
  push_address(lua, name);
  return 1;
}
int call_getsockname(lua_State* lua) {
  const int fd = int_at(lua, 1);
  SocketAddress name;
  const int result = in_call(lua, "getsockname", [&](Syscalls& os) { return os.getsockname(fd, name); });
  return push_name(lua, result, name);
}
int call_getpeername(lua_State* lua) {
  const int fd = int_at(lua, 1);
  SocketAddress name;
  const int result = in_call(lua, "getpeername", [&](Syscalls& os) { return os.getpeername(fd, name); });
  return push_name(lua, result, name);
}

// --- data ------------------------------------------------------------------------------------------------------------

/// Never more than was asked for, whatever MSG_TRUNC says came.
int push_received(lua_State* lua, std::int64_t count, const Buffer& from) {
  return push_bytes(lua, count < 0 ? count : std::min(count, static_cast<std::int64_t>(from.size)), from);
}

int call_recv(lua_State* lua) {
  const int fd = int_at(lua, 1), flags = int_at(lua, 3, 0);
  const Buffer to = room_for(lua, luaL_checkinteger(lua, 2));
  const std::int64_t count = in_call(lua, "recv", [&](Syscalls& os) { return os.recv(fd, to, flags); });
  return push_received(lua, count, to);
}
int call_recvfrom(lua_State* lua) {
  const int fd = int_at(lua, 1), flags = int_at(lua, 3, 0);
  const Buffer to = room_for(lua, luaL_checkinteger(lua, 2));
  SocketAddress from;
  const std::int64_t count =
      in_call(lua, "recvfrom", [&](Syscalls& os) { return os.recvfrom(fd, to, flags, &from); });
  const int pushed = push_received(lua, count, to);
  if (count < 0) return pushed;
  push_address(lua, from);
  return 2;
}
int call_send(lua_State* lua) {
  const int fd = int_at(lua, 1), flags = int_at(lua, 3, 0);
  const ConstBuffer from = bytes_at(lua, 2);
  return push_result(lua, in_call(lua, "send", [&](Syscalls& os) { return os.send(fd, from, flags); }));
}
int call_sendto(lua_State* lua) {
  const int fd = int_at(lua, 1), flags = int_at(lua, 3, 0);
  const ConstBuffer from = bytes_at(lua, 2);
  const bool is_connected = lua_isnoneornil(lua, 4);
  const SocketAddress to = is_connected ? SocketAddress() : address_at(lua, 4);
  return push_result(lua, in_call(lua, "sendto", [&](Syscalls& os) {
                       return os.sendto(fd, from, flags, is_connected ? nullptr : &to);
                     }));
}

// --- descriptors as messages -----------------------------------------------------------------------------------------

constexpr std::size_t kMostRights = 253;  // Linux: SCM_MAX_FD

int call_sendfds(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const ConstBuffer from = bytes_at(lua, 2);
  luaL_checktype(lua, 3, LUA_TTABLE);
  const lua_Integer count = luaL_len(lua, 3);
  if (count > 1000) luaL_argerror(lua, 3, "too many descriptors");
  const std::span<int> rights = room<int>(lua, static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < rights.size(); ++i) {
    lua_geti(lua, 3, static_cast<lua_Integer>(i) + 1);
    rights[i] = static_cast<int>(luaL_checkinteger(lua, -1));
    lua_pop(lua, 1);
  }
  return push_result(lua, in_call(lua, "sendfds", [&](Syscalls& os) {
                       return os.sendmsg(fd, SendMessage{{&from, 1}, {}, rights}, 0);
                     }));
}

int call_recvfds(lua_State* lua) {
  const int fd = int_at(lua, 1);
  const Buffer to = room_for(lua, luaL_checkinteger(lua, 2));
  std::array<int, kMostRights> rights{};
  std::size_t received = 0;
  const std::int64_t count = in_call(lua, "recvfds", [&](Syscalls& os) {
    ReceiveMessage message{{&to, 1}, {}, kMostRights};
    const std::int64_t result = os.recvmsg(fd, message, 0);
    received = std::min(message.rights.size(), kMostRights);
    std::copy_n(message.rights.begin(), received, rights.begin());
    return result;
  });
  const int pushed = push_received(lua, count, to);
  if (count < 0) return pushed;
  lua_createtable(lua, static_cast<int>(received), 0);
  for (std::size_t i = 0; i < received; ++i) {
    lua_pushinteger(lua, rights[i]);
    lua_rawseti(lua, -2, static_cast<lua_Integer>(i) + 1);
  }
  return 2;
}

constexpr luaL_Reg kCalls[] = {{"socket", call_socket},
                               {"socketpair", call_socketpair},
                               {"bind", call_bind},
                               {"listen", call_listen},
                               {"connect", call_connect},
                               {"shutdown", call_shutdown},
                               {"accept", call_accept},
                               {"accept4", call_accept4},
                               {"getsockname", call_getsockname},
                               {"getpeername", call_getpeername},
                               {"recv", call_recv},
                               {"recvfrom", call_recvfrom},
                               {"send", call_send},
                               {"sendto", call_sendto},
                               {"sendfds", call_sendfds},
                               {"recvfds", call_recvfds},
                               {nullptr, nullptr}};

}  // namespace

void open_sockets(lua_State* lua) { add_globals(lua, kCalls); }

}  // namespace stackscope::lua
