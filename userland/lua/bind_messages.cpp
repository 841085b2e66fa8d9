// Descriptors as messages: SCM_RIGHTS.

#include <algorithm>
#include <cstring>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

constexpr int kMostRights = 253;  // Linux: SCM_MAX_FD

int sendfds(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  const ConstBuffer data = data_argument(lua, 2);
  const int count = list_argument(lua, 3, 1 << 12);
  auto* rights = push_array<int>(lua, static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) rights[i] = int_element(lua, 3, i + 1);
  const SendMessage message{{&data, 1}, {}, {rights, static_cast<std::size_t>(count)}};
  return result(lua, thread.os->sendmsg(fd, message, 0));
}

int recvfds(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  const lua_Integer count = luaL_checkinteger(lua, 2);
  if (count < 0) return failure(lua, EINVAL);
  const Buffer buffer = push_buffer(lua, count);
  ReceiveMessage& message = thread.message;
  message.parts = {&buffer, 1};
  message.from = {};
  message.most_rights = kMostRights;
  message.rights.clear();
  const std::int64_t got = thread.os->recvmsg(fd, message, 0);
  message.parts = {};
  if (got < 0) return failure(lua, got);
  lua_pushlstring(lua, reinterpret_cast<const char*>(buffer.data),
                  std::min(static_cast<std::size_t>(got), buffer.size));
  lua_createtable(lua, static_cast<int>(message.rights.size()), 0);
  for (std::size_t i = 0; i < message.rights.size(); ++i) {
    lua_pushinteger(lua, message.rights[i]);
    lua_rawseti(lua, -2, static_cast<lua_Integer>(i) + 1);
  }
  return 2;
}

constexpr Binding kBindings[] = {
    {"sendfds", &sendfds, "sendfds(fd, data, {fd, …}) → count",
     "Sends data and descriptors over a Unix socket (SCM_RIGHTS).",
     R"lua(local a, b = socketpair(AF_UNIX, SOCK_STREAM)
print(sendfds(a, "x", {99}))
)lua",
     "nil\tEBADF\n"},
    {"recvfds", &recvfds, "recvfds(fd, count) → data, {fd, …}",
     "Receives data, and descriptors that are open here from now on.",
     R"lua(local a, b = socketpair(AF_UNIX, SOCK_STREAM)
local r, w = pipe()
sendfds(a, "take this", {w})
local data, fds = recvfds(b, 100)
write(fds[1], "through the copy")
print(data, fds[1], read(r, 100))
)lua",
     "take this\t7\tthrough the copy\n"},
};

}  // namespace

std::span<const Binding> message_bindings() { return kBindings; }

}  // namespace stackscope::lua
