#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

int socket(lua_State* lua, Thread& thread) {
  return result(lua,
                thread.os->socket(int_argument(lua, 1), flags_argument(lua, 2), int_argument(lua, 3, 0)));
}

int bind(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  const SocketAddress address = address_argument(lua, 2);
  return result(lua, thread.os->bind(fd, address));
}

int listen(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->listen(int_argument(lua, 1), int_argument(lua, 2, SOMAXCONN)));
}

int push_accepted(lua_State* lua, Thread& thread, int flags) {
  SocketAddress peer;
  const int fd = thread.os->accept4(int_argument(lua, 1), &peer, flags);
  if (fd < 0) return failure(lua, fd);
  lua_pushinteger(lua, fd);
  push_address(lua, peer);
  return 2;
}

int accept(lua_State* lua, Thread& thread) { return push_accepted(lua, thread, 0); }
int accept4(lua_State* lua, Thread& thread) { return push_accepted(lua, thread, flags_argument(lua, 2)); }

int connect(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1);
  const SocketAddress address = lua_isnil(lua, 2) ? SocketAddress::unspecified() : address_argument(lua, 2);
  return result(lua, thread.os->connect(fd, address));
}

int push_name(lua_State* lua, int status, const SocketAddress& address) {
  if (status < 0) return failure(lua, status);
  push_address(lua, address);
  return 1;
}

int getsockname(lua_State* lua, Thread& thread) {
  SocketAddress address;
  const int status = thread.os->getsockname(int_argument(lua, 1), address);
  return push_name(lua, status, address);
}

int getpeername(lua_State* lua, Thread& thread) {
  SocketAddress address;
  const int status = thread.os->getpeername(int_argument(lua, 1), address);
  return push_name(lua, status, address);
}

int shutdown(lua_State* lua, Thread& thread) {
  return result(lua, thread.os->shutdown(int_argument(lua, 1), int_argument(lua, 2)));
}

constexpr Binding kBindings[] = {
    {"socket", &socket, "socket(domain, type, protocol) → fd",
     "A socket; `type` may have SOCK_NONBLOCK and SOCK_CLOEXEC in it.",
     R"lua(print(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK))
print(socket(AF_INET, 99))
)lua",
     "3\nnil\tEINVAL\n"},
    {"bind", &bind, "bind(fd, addr) → 0",
     "Gives a socket its address: \"127.0.0.1:8080\", \"[::1]:80\"; port 0 for any.",
     R"lua(local fd = socket(AF_INET, SOCK_STREAM)
print(getsockname(fd))
print(bind(fd, "127.0.0.1:8080"), getsockname(fd))
)lua",
     "0.0.0.0:0\n0\t127.0.0.1:8080\n"},
    {"listen", &listen, "listen(fd, backlog) → 0",
     "Takes connections from here on; as many as `backlog` (default SOMAXCONN) may wait to be accepted.",
     R"lua(local fd = socket(AF_INET, SOCK_STREAM)
bind(fd, "127.0.0.1:0")
print(listen(fd, 16))
)lua",
     "0\n"},
    {"accept", &accept, "accept(fd) → fd, addr", "The next connection and whose it is; waits for one.",
     R"lua(local listener, client = socket(AF_INET, SOCK_STREAM), socket(AF_INET, SOCK_STREAM)
bind(listener, "127.0.0.1:0"); listen(listener, 1)
connect(client, getsockname(listener))
local fd, from = accept(listener)
print(fd, from == getsockname(client))
)lua",
     "5\ttrue\n"},
    {"accept4", &accept4, "accept4(fd, flags) → fd, addr",
     "accept with SOCK_NONBLOCK or SOCK_CLOEXEC for the new descriptor.",
     R"lua(local listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)
bind(listener, "127.0.0.1:0"); listen(listener, 1)
print(accept4(listener, SOCK_NONBLOCK))
)lua",
     "nil\tEAGAIN\n"},
    {"connect", &connect, "connect(fd, addr) → 0",
     "Connects, and waits until that is done or has failed. To nil: there is no peer any longer (AF_UNSPEC).",
     R"lua(local fd = socket(AF_INET, SOCK_STREAM)
print(connect(fd, "127.0.0.1:1"))
)lua",
     "nil\tECONNREFUSED\n"},
    {"getsockname", &getsockname, "getsockname(fd) → addr",
     "The socket's own address; \"0.0.0.0:0\" where it has none, \"\" for a Unix socket.",
     R"lua(print(getsockname(socket(AF_INET, SOCK_STREAM)))
)lua",
     "0.0.0.0:0\n"},
    {"getpeername", &getpeername, "getpeername(fd) → addr", "The address at the other end.",
     R"lua(local listener, client = socket(AF_INET, SOCK_STREAM), socket(AF_INET, SOCK_STREAM)
bind(listener, "127.0.0.1:7000"); listen(listener, 1)
print(getpeername(client))
connect(client, "127.0.0.1:7000")
print(getpeername(client))
)lua",
     "nil\tENOTCONN\n127.0.0.1:7000\n"},
    {"shutdown", &shutdown, "shutdown(fd, how) → 0",
     "Ends one direction or both: SHUT_RD, SHUT_WR, SHUT_RDWR.",
     R"lua(local listener, client = socket(AF_INET, SOCK_STREAM), socket(AF_INET, SOCK_STREAM)
bind(listener, "127.0.0.1:0"); listen(listener, 1)
connect(client, getsockname(listener))
local server = accept(listener)
print(shutdown(client, SHUT_WR))
print(read(server, 10) == "")
)lua",
     "0\ntrue\n"},
};

}  // namespace

std::span<const Binding> socket_bindings() { return kBindings; }

}  // namespace stackscope::lua
