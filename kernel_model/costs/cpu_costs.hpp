#pragma once
// What CPUs charge for interrupts, softirqs, switching and waking.

#include "kernel_model/costs/cost.hpp"

namespace stackscope {

struct CpuCosts {
  Cost syscall_entry, syscall_exit;
  Cost irq_entry, irq_exit, timer_interrupt, reschedule_interrupt, call_function_interrupt;
  Cost softirq_entry, softirq_exit, softirq_raise;
  Cost idle_enter, idle_exit;
  Cost schedule, context_switch, wake_up, wake_remote, ipi_send, ipi_flight, tick, hrtimer_start,
      hrtimer_fire;
  Cost wait_queue_add, wait_queue_remove, wait_callback;
  Cost futex_wait, futex_wake, nanosleep, yield, thread_exit;
  Cost clone, fork, process_exit, wait4, kill, sched_setscheduler;
  Cost lock_handover;
  Cost cooling;

  void describe(auto&& field) {
    field("syscall_entry", syscall_entry, "from the program into the kernel, with the call's prologue");
    field("syscall_exit", syscall_exit, "from the kernel back to the program");
    field("irq_entry", irq_entry, "from the interrupted code to the interrupt's handler");
    field("irq_exit", irq_exit, "from the handler back");
    field("timer_interrupt", timer_interrupt, "the local timer's handler, without what it runs");
    field("reschedule_interrupt", reschedule_interrupt, "the handler of a reschedule interrupt");
    field("call_function_interrupt", call_function_interrupt, "the handler that takes over remote wake-ups");
    field("softirq_entry", softirq_entry, "to begin to run softirqs");
    field("softirq_exit", softirq_exit, "to end");
    field("softirq_raise", softirq_raise, "to mark a softirq pending");
    field("idle_enter", idle_enter, "to stop the tick and halt");
    field("idle_exit", idle_exit, "from the interrupt's arrival at a halted CPU to its handler");
    field("schedule", schedule, "to choose the next task");
    field("context_switch", context_switch, "to switch to another task");
    field("wake_up", wake_up, "to make a task runnable on the waker's CPU");
    field("wake_remote", wake_remote, "to make a task runnable on another CPU, without the interrupt");
    field("ipi_send", ipi_send, "to interrupt another CPU; a VM exit on virtual machines");
    field("ipi_flight", ipi_flight, "no work: from then until the interrupt is there");
    field("tick", tick, "the scheduler's part of a tick");
    field("hrtimer_start", hrtimer_start, "to arm a high-resolution timer");
    field("hrtimer_fire", hrtimer_fire, "to run an expired high-resolution timer");
    field("wait_queue_add", wait_queue_add, "to join a wait queue");
    field("wait_queue_remove", wait_queue_remove, "to leave a wait queue");
    field("wait_callback", wait_callback, "to call one waiter of a wait queue");
    field("futex_wait", futex_wait, "to queue on a futex, without the switch");
    field("futex_wake", futex_wake, "to look up a futex and take a waiter");
    field("nanosleep", nanosleep, "to set up a sleep, without timer and switch");
    field("yield", yield, "sched_yield, without the switch");
    field("thread_exit", thread_exit, "to end a thread");
    field("clone", clone, "to make a thread, without its wake-up");
    field("fork", fork, "to make a process with a copy of the memory, without its thread's wake-up");
    field("process_exit", process_exit, "to free a process's memory, when its last thread ends");
    field("wait4", wait4, "to look at the children once");
    field("kill", kill, "to find a process and to check the signal");
    field("sched_setscheduler", sched_setscheduler, "to change a thread's policy or priority");
    field("lock_handover", lock_handover, "to move a lock's cache line to another CPU");
    field("cooling", cooling, "no work: how long a CPU sleeps until its caches have lost everything");
  }
};

}  // namespace stackscope
