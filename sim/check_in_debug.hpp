#pragma once
// Containers' invariants, asserted along every path that touches them, in builds that ask for it (the preset `debug`).
//
//     void WaitQueue::link(…) { …; check_in_debug(*this); }     // calls check_invariants()

namespace stackscope {

template <class Container, class... Where>
void check_in_debug([[maybe_unused]] const Container& container, [[maybe_unused]] const Where&... where) {
#ifdef STACKSCOPE_CHECK_INVARIANTS
  container.check_invariants(where...);
#endif
}

}  // namespace stackscope
