// Reading and writing.

#include <algorithm>
#include <cstring>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

constexpr int kMostParts = 1 << 16;  // the kernel takes 1,024 and says EINVAL to more

int push_bytes(lua_State* lua, std::int64_t got, Buffer from) {
  if (got < 0) return failure(lua, got);
  const std::size_t size = std::min(static_cast<std::size_t>(got), from.size);  // MSG_TRUNC tells more
  lua_pushlstring(lua, reinterpret_cast<const char*>(from.data), size);
  return 1;
}

/// No memory is as large as a negative count; the kernel looks at the descriptor first.
int refuse_count(lua_State* lua, Thread& thread, int fd) {
  return failure(lua, thread.os->read(fd, {nullptr, 0}) == -EBADF ? EBADF : EFAULT);
}

int read(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  const lua_Integer count = luaL_checkinteger(lua, 2);
  if (count < 0) return refuse_count(lua, thread, fd);
  const Buffer buffer = push_buffer(lua, count);
  return push_bytes(lua, thread.os->read(fd, buffer), buffer);
}

int write(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  return result(lua, thread.os->write(fd, data_argument(lua, 2)));
}

/// Buffers of the sizes in the list at 2, all together at most kMostBytes; both lie on the stack.
std::span<Buffer> push_parts(lua_State* lua, bool& is_negative) {
  const int count = list_argument(lua, 2, kMostParts);
  auto* parts = push_array<Buffer>(lua, static_cast<std::size_t>(count));
  std::size_t left = kMostBytes;
  for (int i = 0; i < count; ++i) {
    const int size = int_element(lua, 2, i + 1);
    is_negative = is_negative || size < 0;
    parts[i] = {nullptr, std::min(left, static_cast<std::size_t>(std::max(size, 0)))};
    left -= parts[i].size;
  }
  std::byte* data = push_buffer(lua, static_cast<lua_Integer>(kMostBytes - left)).data;
  for (int i = 0; i < count; ++i) parts[i].data = std::exchange(data, data + parts[i].size);
  return {parts, static_cast<std::size_t>(count)};
}

int readv(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  bool is_negative = false;
  const std::span<Buffer> parts = push_parts(lua, is_negative);
  if (is_negative) return failure(lua, thread.os->readv(fd, {}) == -EBADF ? EBADF : EINVAL);
  const std::int64_t got = thread.os->readv(fd, parts);
  if (got < 0) return failure(lua, got);
  luaL_checkstack(lua, static_cast<int>(parts.size()), "too many parts");
  auto left = static_cast<std::size_t>(got);
  for (const Buffer& part : parts) {
    const std::size_t size = std::min(left, part.size);
    lua_pushlstring(lua, reinterpret_cast<const char*>(part.data), size);
    left -= size;
  }
  return static_cast<int>(parts.size());
}

int writev(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  const int count = list_argument(lua, 2, kMostParts);
  auto* parts = push_array<ConstBuffer>(lua, static_cast<std::size_t>(count));
  lua_createtable(lua, count, 0);  // keeps the strings, whatever becomes of the list
  for (int i = 0; i < count; ++i) {
    lua_geti(lua, 2, i + 1);
    if (!lua_isstring(lua, -1)) return luaL_error(lua, "element %d of the list must be a string", i + 1);
    std::size_t length = 0;
    const char* const data = lua_tolstring(lua, -1, &length);
    parts[i] = {reinterpret_cast<const std::byte*>(data), length};
    lua_rawseti(lua, -2, i + 1);
  }
  return result(lua, thread.os->writev(fd, {parts, static_cast<std::size_t>(count)}));
}

/// A buffer for a receiving call. With MSG_TRUNC the kernel may leave it as it was.
Buffer push_cleared(lua_State* lua, lua_Integer count, int flags) {
  const Buffer buffer = push_buffer(lua, count);
  if (flags & MSG_TRUNC) std::memset(buffer.data, 0, buffer.size);
  return buffer;
}

int recv(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1), flags = flags_argument(lua, 3);
  const lua_Integer count = luaL_checkinteger(lua, 2);
  if (count < 0) return failure(lua, EFAULT);  // before the kernel looks at the descriptor
  const Buffer buffer = push_cleared(lua, count, flags);
  return push_bytes(lua, thread.os->recv(fd, buffer, flags), buffer);
}

int recvfrom(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1), flags = flags_argument(lua, 3);
  const lua_Integer count = luaL_checkinteger(lua, 2);
  if (count < 0) return failure(lua, EFAULT);
  const Buffer buffer = push_cleared(lua, count, flags);
  SocketAddress from;
  const std::int64_t got = thread.os->recvfrom(fd, buffer, flags, &from);
  if (got < 0) return failure(lua, got);
  push_bytes(lua, got, buffer);
  push_address(lua, from);
  return 2;
}

int send(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1), flags = flags_argument(lua, 3);
  return result(lua, thread.os->send(fd, data_argument(lua, 2), flags));
}

int sendto(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1), flags = flags_argument(lua, 3);
  const bool has_address = !lua_isnoneornil(lua, 4);
  const SocketAddress to = has_address ? address_argument(lua, 4) : SocketAddress{};
  return result(lua, thread.os->sendto(fd, data_argument(lua, 2), flags, has_address ? &to : nullptr));
}

constexpr Binding kBindings[] = {
    {"read", &read, "read(fd, count) → string",
     "What is there, at most `count` bytes and at most 1 MiB a call; \"\" at the end.",
     R"lua(local r, w = pipe()
write(w, "abcdef"); close(w)
print(read(r, 4), read(r, 4), read(r, 4) == "")
)lua",
     "abcd\tef\ttrue\n"},
    {"write", &write, "write(fd, data) → count", "How many bytes were taken.",
     R"lua(local r, w = pipe2(O_NONBLOCK)
print(write(w, string.rep("x", 100000)))
close(r)
print(write(w, "x"))
)lua",
     "65536\nnil\tEPIPE\n"},
    {"readv", &readv, "readv(fd, {n, …}) → string, …",
     "As many strings as there are numbers, filled one after the other; at most 1 MiB together.",
     R"lua(local r, w = pipe()
write(w, "abcde")
print(readv(r, {2, 2, 2, 2}))
)lua",
     "ab\tcd\te\t\n"},
    {"writev", &writev, "writev(fd, {data, …}) → count", "Several strings as one write.",
     R"lua(local r, w = pipe()
print(writev(w, {"one ", "two"}), read(r, 100))
)lua",
     "7\tone two\n"},
    {"recv", &recv, "recv(fd, count, flags) → string",
     "As read, with MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL, MSG_TRUNC …; never more than `count` bytes.",
     R"lua(local a, b = socketpair(AF_UNIX, SOCK_STREAM)
send(a, "hello")
print(recv(b, 2, MSG_PEEK), recv(b, 100), recv(b, 1, MSG_DONTWAIT))
)lua",
     "he\thello\tnil\tEAGAIN\n"},
    {"recvfrom", &recvfrom, "recvfrom(fd, count, flags) → data, addr",
     "As recv, and who sent it; nil where the protocol does not tell.",
     R"lua(local a, b = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
bind(a, "127.0.0.1:5000"); bind(b, "127.0.0.1:5001")
sendto(a, "ping", 0, "127.0.0.1:5001")
print(recvfrom(b, 100))
)lua",
     "ping\t127.0.0.1:5000\n"},
    {"send", &send, "send(fd, data, flags) → count", "As write, with MSG_DONTWAIT, MSG_MORE, MSG_OOB and others.",
     R"lua(local a, b = socketpair(AF_UNIX, SOCK_STREAM)
close(b)
print(send(a, "x", MSG_NOSIGNAL))
)lua",
     "nil\tEPIPE\n"},
    {"sendto", &sendto, "sendto(fd, data, flags, addr) → count",
     "Sends to an address; nil where the socket is connected.",
     R"lua(local fd = socket(AF_INET, SOCK_DGRAM)
print(sendto(fd, "x", 0, "127.0.0.1:9"))
)lua",
     "1\n"},
};

}  // namespace

std::span<const Binding> data_bindings() { return kBindings; }

}  // namespace stackscope::lua
