#include "runner/interruption.hpp"

#include <csignal>
#include <unistd.h>

namespace stackscope {
namespace {

// A handler is told nothing but the number, so what it writes to is the process's own.
std::atomic<int> caught = 0;  // check: allow global, because a signal handler has no other argument
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

void on_signal(int number) {
  if (caught.exchange(number) != 0) _exit(128 + number);
}

void handle(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // so that no write of a report is cut short
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
}

}  // namespace

Interruption::Interruption() {
  caught = 0;
  handle(on_signal);
}
Interruption::~Interruption() { handle(SIG_DFL); }

const std::atomic<int>& Interruption::signal() const { return caught; }

}  // namespace stackscope
