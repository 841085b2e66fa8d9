#pragma once
// Whether AddressSanitizer watches: fibers must tell it about their stacks. For sim's own files.

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
