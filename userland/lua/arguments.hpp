#pragma once
// From Lua's arguments to a system call's, and from its result to Lua's. Internal to userland/lua.
//
// Integers out of a C type's range become its largest or smallest, which the kernel refuses as it would any such value;
// wrong types raise.

#include <ctime>
#include <lua.hpp>
#include <optional>

#include "kernel_model/vocabulary/buffer.hpp"
#include "kernel_model/vocabulary/socket_address.hpp"
#include "sim/time.hpp"

namespace stackscope::lua {

/// What one call reads at most; more is for the next one.
inline constexpr std::size_t kMostBytes = 1u << 20;

/// "EAGAIN", for 11.
const char* errno_name(int number);
/// Pushes nil and errno's name. Returns 2.
int failure(lua_State* lua, std::int64_t error);
/// Pushes a call's result: the value, or nil and errno's name. Returns how many.
int result(lua_State* lua, std::int64_t value);

int int_argument(lua_State* lua, int index);
int int_argument(lua_State* lua, int index, int otherwise);
/// Flags are 32 bits, with or without a sign.
int flags_argument(lua_State* lua, int index);
std::uint32_t bits(lua_Integer flags);
/// Field `name`, or element `i`, of the table at `index`.
lua_Integer integer_field(lua_State* lua, int index, const char* name, lua_Integer otherwise);
int int_element(lua_State* lua, int index, lua_Integer i);
/// How many elements the list at `index` has; raises where it is no table or longer than `most`.
int list_argument(lua_State* lua, int index, int most);

/// Nothing: for ever (nil, left out, or negative).
std::optional<Duration> duration_argument(lua_State* lua, int index);
timespec timespec_of(std::int64_t ns);
std::int64_t nanoseconds(const timespec& time);

SocketAddress address_argument(lua_State* lua, int index);
/// Pushes its text; nil where there is none.
void push_address(lua_State* lua, const SocketAddress& address);

ConstBuffer data_argument(lua_State* lua, int index);
/// A buffer for `count` bytes, or kMostBytes; it lies on the stack while the call runs.
Buffer push_buffer(lua_State* lua, lua_Integer count);
/// Room for `count` objects; lies on the stack too.
template <class T>
T* push_array(lua_State* lua, std::size_t count) {
  return static_cast<T*>(lua_newuserdatauv(lua, (count + 1) * sizeof(T), 0));
}

}  // namespace stackscope::lua
