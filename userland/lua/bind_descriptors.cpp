#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

int close(lua_State* lua, Thread& thread) { return result(lua, thread.os->close(int_argument(lua, 1))); }
int dup(lua_State* lua, Thread& thread) { return result(lua, thread.os->dup(int_argument(lua, 1))); }
int dup2(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->dup2(int_argument(lua, 1), int_argument(lua, 2)));
}
int dup3(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->dup3(int_argument(lua, 1), int_argument(lua, 2), flags_argument(lua, 3)));
}
int fcntl(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->fcntl(int_argument(lua, 1), int_argument(lua, 2), flags_argument(lua, 3)));
}

int ioctl(lua_State* lua, Thread& thread) {
  int value = int_argument(lua, 3, 0);
  const auto request = static_cast<unsigned long>(luaL_checkinteger(lua, 2));
  const int status = thread.os->ioctl(int_argument(lua, 1), request, value);
  return status < 0 ? failure(lua, status) : (lua_pushinteger(lua, value), 1);
}

constexpr Binding kBindings[] = {
    {"close", &close, "close(fd) → 0", "Gives a descriptor back.",
     R"lua(local r = pipe()
print(close(r), close(r))
)lua",
     "0\tnil\tEBADF\n"},
    {"dup", &dup, "dup(fd) → fd", "One more descriptor of the same file: the lowest free number.",
     R"lua(local r, w = pipe()
local other = dup(w)
close(w)
write(other, "still open")
print(other, read(r, 100))
)lua",
     "5\tstill open\n"},
    {"dup2", &dup2, "dup2(old, new) → fd", "The same under a number of one's own; what was there is closed.",
     R"lua(local r, w = pipe()
print(dup2(w, 20), dup2(99, 20))
)lua",
     "20\tnil\tEBADF\n"},
    {"dup3", &dup3, "dup3(old, new, flags) → fd", "dup2 with O_CLOEXEC; both the same is EINVAL.",
     R"lua(local r, w = pipe()
print(dup3(w, 20, O_CLOEXEC), fcntl(20, F_GETFD) == FD_CLOEXEC)
print(dup3(w, w, 0))
)lua",
     "20\ttrue\nnil\tEINVAL\n"},
    {"fcntl", &fcntl, "fcntl(fd, cmd, arg) → n",
     "F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_SETPIPE_SZ.",
     R"lua(local r, w = pipe()
print(fcntl(r, F_SETFL, O_NONBLOCK), fcntl(r, F_GETFL) == O_RDONLY | O_NONBLOCK)
print(fcntl(w, F_GETPIPE_SZ))
)lua",
     "0\ttrue\n65536\n"},
    {"ioctl", &ioctl, "ioctl(fd, request, arg) → n",
     "FIONREAD: bytes to read; SIOCOUTQ: bytes not acknowledged yet; FIONBIO takes 0 or 1.",
     R"lua(local r, w = pipe()
write(w, "12345")
print(ioctl(r, FIONREAD))
)lua",
     "5\n"},
};

}  // namespace

std::span<const Binding> descriptor_bindings() { return kBindings; }

}  // namespace stackscope::lua
