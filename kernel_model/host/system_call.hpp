#pragma once
// The frame around every system call: the way in, the records, the way out.

#include "kernel_model/host/host.hpp"
#include "kernel_model/vocabulary/records.hpp"

namespace stackscope {

/// Runs `body` in kernel context as the call `Which` of the current thread, and returns its result. Other tasks may run
/// before this returns.
///
/// Linux: arch/x86/entry/syscall_64.c do_syscall_64(), kernel/entry/common.c syscall_exit_to_user_mode()
template <class Which, class Body, class... Arguments>
std::int64_t system_call(Host& host, Body body, Arguments... arguments) {
  Scheduler& scheduler = host.scheduler();
  Cpu& cpu = scheduler.cpu();
  Task& task = scheduler.current();
  const TaskId self = task.id();
  task.set_call(Which::Enter::kCallName);
  cpu.enter_kernel();
  cpu.charge(cpu.costs().syscall_entry);
  host.trace().emit(typename Which::Enter{self, {static_cast<std::int64_t>(arguments)...}});
  const std::int64_t result = body();
  host.trace().emit(typename Which::Exit{self, result});
  Cpu& now_on = scheduler.cpu();
  now_on.charge(now_on.costs().syscall_exit);
  now_on.exit_to_user();
  task.set_call({});
  return result;
}

}  // namespace stackscope
