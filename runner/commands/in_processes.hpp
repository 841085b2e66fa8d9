#pragma once
// Pieces of work in processes of their own, several at once: what forks (measure/) must not do so beside other threads.

#include <cstddef>
#include <functional>
#include <string>

namespace stackscope {

/// Calls `work(i)` in a child for each i below `count`, at most `jobs` at a time, and `done(i, text)` here with what it returned, in
/// the order of the numbers. A child that dies has returned nothing. Throws std::system_error where no process can be made.
void in_processes(std::size_t count, int jobs, const std::function<std::string(std::size_t)>& work,
                  const std::function<void(std::size_t, const std::string&)>& done);

}  // namespace stackscope
