#pragma once
// Mistakes that can be planted in the model, to see whether `stackscope fuzz` finds them: a build with the preset
// `mutants` makes the one that the environment variable STACKSCOPE_MUTANT names; any other build has none of them.
// `tools/mutants` tries them all.

#ifdef STACKSCOPE_MUTANTS

#include <cstdlib>
#include <string_view>

namespace stackscope {

inline bool is_planted(std::string_view name) {
  const char* const planted = std::getenv("STACKSCOPE_MUTANT");
  return planted != nullptr && name == planted;
}

}  // namespace stackscope

#define MUTANT(name)                                          \
  ([] {                                                       \
    static const bool is_it = ::stackscope::is_planted(name); \
    return is_it;                                             \
  }())

#else
#define MUTANT(name) false
#endif
