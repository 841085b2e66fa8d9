#pragma once
// System calls as strace prints them: constants by their names, errors as -1 with theirs. Arguments keep the order in which the
// record has them, which is that of the man page; what a record does not hold (buffers, structures) is not shown.

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/recording.hpp"

namespace stackscope::gui {

/// "-1 EAGAIN", "3".
std::string return_text(std::int64_t ret);

/// One argument of a call, "EPOLL_CTL_ADD", "EPOLLIN|EPOLLET", "-1": where nothing better is known, the number.
std::string argument_text(std::string_view call, std::string_view argument, std::int64_t value);

/// "epoll_ctl(3, EPOLL_CTL_ADD, 5, EPOLLIN, 0)" of the record of a call's entry.
std::string call_text(const KindSchema& kind, const RawRecord& entry);

}  // namespace stackscope::gui
