#pragma once
// A recording told in the words of the real kernel's trace, so that both can be compared line by line.
//
// docs/measurements/*.events hold one line an event: "cpu1 client softirq netif_rx len=68". The same is made here of the
// model's records. What has no counterpart on the other side is left out of both; event_fields() says what remains.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/recording.hpp"

namespace stackscope::test {

struct KernelEvent {
  std::string cpu;   // "cpu0"
  std::string text;  // "client softirq netif_rx len=68"
};
using KernelEvents = std::vector<KernelEvent>;

/// The compared events of a file of docs/measurements, with the fields that are compared. Its CPU numbers are kept; a
/// task that is neither client nor server is "other".
KernelEvents measured_events(const std::string& name);

/// The same events of a recording whose programs are called client (or echo_client) and server (or echo_server).
KernelEvents modelled_events(const Recording& recording);

/// From the last event that reads `first`, as many as `count`.
KernelEvents last_from(const KernelEvents& events, std::string_view first, std::size_t count);

/// Only what happened on one CPU.
KernelEvents on_cpu(const KernelEvents& events, std::string_view cpu);

std::vector<std::string> texts(const KernelEvents& events);

/// `events` with one text in the place of another: for differences that are known and told at the place of use.
KernelEvents with(KernelEvents events, std::string_view instead_of, std::string_view text);

}  // namespace stackscope::test
