#pragma once
// The calls, as one table: what Lua knows them by, what they do, and what the manual says of them. Internal to
// userland/lua.

#include <lua.hpp>
#include <span>

#include "userland/lua/process.hpp"

namespace stackscope::lua {

/// A call. `example` is a whole program, `output` what it prints, on the model and on the real kernel.
struct Binding {
  /// Pushes results and returns how many. Between two system calls it may raise; it owns nothing.
  using Body = int (*)(lua_State* lua, Thread& thread);

  const char* name;
  Body body;
  const char* signature;
  const char* doc;
  const char* example;
  const char* output;
  /// Whether the count of instructions begins anew after it. Calls that take no time must not say so, lest a loop of them
  /// never ends.
  bool takes_time = true;
};

struct BindingFamily {
  const char* title;
  std::span<const Binding> bindings;
};

/// In the order of the manual.
std::span<const BindingFamily> binding_families();

// The families, a file each.
std::span<const Binding> epoll_bindings();
std::span<const Binding> poll_bindings();
std::span<const Binding> file_bindings();
std::span<const Binding> socket_bindings();
std::span<const Binding> option_bindings();
std::span<const Binding> data_bindings();
std::span<const Binding> message_bindings();
std::span<const Binding> descriptor_bindings();
std::span<const Binding> time_bindings();
std::span<const Binding> thread_bindings();
std::span<const Binding> process_bindings();
std::span<const Binding> concurrency_bindings();
std::span<const Binding> marking_bindings();

/// This was no call after all: select() of Lua, compute(0).
inline void is_no_call(Thread& thread) { thread.call = {}; }

}  // namespace stackscope::lua
