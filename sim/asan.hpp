#pragma once
// Whether AddressSanitizer watches, and what fibers must tell it: on which stack they go on. For sim's own files.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define STACKSCOPE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STACKSCOPE_ASAN 1
#endif
#endif

#ifdef STACKSCOPE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace stackscope::asan {

/// Before a switch: the stack on which we are about to run. `save` null: this one is never run again.
inline void announce_switch([[maybe_unused]] void** save, [[maybe_unused]] const void* bottom,
                            [[maybe_unused]] std::size_t size) {
#ifdef STACKSCOPE_ASAN
  __sanitizer_start_switch_fiber(save, bottom, size);
#endif
}

/// After it: that we arrived; answers where we came from.
inline void announce_arrival([[maybe_unused]] void* saved, [[maybe_unused]] const void** from_bottom,
                             [[maybe_unused]] std::size_t* from_size) {
#ifdef STACKSCOPE_ASAN
  __sanitizer_finish_switch_fiber(saved, from_bottom, from_size);
#endif
}

}  // namespace stackscope::asan
