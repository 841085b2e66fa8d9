#pragma once
// Every kind of segment in every state of TCP: what comes back, and what becomes of the socket. One line for each state, kind
// and acknowledgement number, one column for each sequence number.

#include <string>
#include <vector>

#include "tests/segments/subject.hpp"

namespace stackscope::test {

/// Lines like
///     ESTABLISHED FIN|ACK +0 | A:a+1 >CLOSE_WAIT 0x2145 r0 | A | A | A | A
/// where flags that the host sent are followed by its sequence and acknowledgement numbers, if they are not the next ones; then
/// come, where they changed, the state, the error, poll's events, and how much can be read (r0: the end) or why nothing can.
std::vector<std::string> walk(Subject& subject);

}  // namespace stackscope::test
