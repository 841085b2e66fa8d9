#include "userland/lua/arguments.hpp"

#include <algorithm>
#include <climits>
#include <cstring>

#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

constexpr std::int64_t kNsASecond = 1'000'000'000;

int clamped(lua_Integer value) { return static_cast<int>(std::clamp<lua_Integer>(value, INT_MIN, INT_MAX)); }

}  // namespace

const char* errno_name(int number) { return strerrorname_np(number); }

int failure(lua_State* lua, std::int64_t error) {
  const int number = static_cast<int>(error < 0 ? -error : error);
  const char* const name = errno_name(number);
  lua_pushnil(lua);
  name != nullptr ? lua_pushstring(lua, name) : lua_pushfstring(lua, "errno %d", number);
  return 2;
}

int result(lua_State* lua, std::int64_t value) {
  if (value < 0) return failure(lua, value);
  lua_pushinteger(lua, value);
  return 1;
}

int int_argument(lua_State* lua, int index) { return clamped(luaL_checkinteger(lua, index)); }
int int_argument(lua_State* lua, int index, int otherwise) {
  return clamped(luaL_optinteger(lua, index, otherwise));
}

std::uint32_t bits(lua_Integer flags) { return static_cast<std::uint32_t>(flags); }

int flags_argument(lua_State* lua, int index) {
  const lua_Integer flags = luaL_optinteger(lua, index, 0);
  if (flags < INT_MIN || flags > UINT_MAX) return -1;  // all bits: no call knows them all
  return static_cast<int>(bits(flags));
}

lua_Integer integer_field(lua_State* lua, int index, const char* name, lua_Integer otherwise) {
  int is_integer = 1;
  lua_Integer value = otherwise;
  if (lua_getfield(lua, index, name) != LUA_TNIL) value = lua_tointegerx(lua, -1, &is_integer);
  if (is_integer == 0)
    luaL_error(lua, "field '%s' must be an integer, not a %s", name, luaL_typename(lua, -1));
  lua_pop(lua, 1);
  return value;
}

int int_element(lua_State* lua, int index, lua_Integer i) {
  int is_integer = 0;
  lua_geti(lua, index, i);
  const lua_Integer value = lua_tointegerx(lua, -1, &is_integer);
  if (is_integer == 0) {
    luaL_error(lua, "element %I of the list must be an integer, not a %s", static_cast<LUAI_UACINT>(i),
               luaL_typename(lua, -1));
  }
  lua_pop(lua, 1);
  return clamped(value);
}

int list_argument(lua_State* lua, int index, int most) {
  luaL_checktype(lua, index, LUA_TTABLE);
  const lua_Integer size = luaL_len(lua, index);
  if (size > most) luaL_error(lua, "bad argument #%d: a list of more than %d elements", index, most);
  return static_cast<int>(std::max<lua_Integer>(size, 0));
}

std::optional<Duration> duration_argument(lua_State* lua, int index) {
  if (lua_isnoneornil(lua, index)) return std::nullopt;
  const lua_Integer ns = luaL_checkinteger(lua, index);
  if (ns < 0) return std::nullopt;
  return Duration::ns(ns);
}

timespec timespec_of(std::int64_t ns) { return {ns / kNsASecond, ns % kNsASecond}; }
std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * kNsASecond + time.tv_nsec; }

SocketAddress address_argument(lua_State* lua, int index) {
  std::size_t length = 0;
  const char* const text = luaL_checklstring(lua, index, &length);
  const std::optional<SocketAddress> address = SocketAddress::parse({text, length});
  if (!address)
    luaL_argerror(lua, index, lua_pushfstring(lua, "'%s' is no address such as 127.0.0.1:80", text));
  return *address;
}

void push_address(lua_State* lua, const SocketAddress& address) {
  if (!address) return lua_pushnil(lua);
  char text[128];
  std::size_t length = 0;
  {
    const std::string owned = address.text();  // gone before anything can raise
    length = owned.copy(text, sizeof text);
  }
  lua_pushlstring(lua, text, length);
}

ConstBuffer data_argument(lua_State* lua, int index) {
  std::size_t length = 0;
  const char* const data = luaL_checklstring(lua, index, &length);
  return {reinterpret_cast<const std::byte*>(data), length};
}

Buffer push_buffer(lua_State* lua, lua_Integer count) {
  const auto size = static_cast<std::size_t>(std::clamp<lua_Integer>(count, 0, kMostBytes));
  auto* data = static_cast<std::byte*>(lua_newuserdatauv(lua, size + 1, 0));
  return {data, size};
}

}  // namespace stackscope::lua
