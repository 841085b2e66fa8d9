#pragma once
// Which kernel is underneath, and whether it is the one that the model is of.

#include <string>

namespace stackscope {

struct KernelVersion {
  int major = 0, minor = 0;
  std::string release;  // "6.18.44"

  /// Linux: uname(2)
  static KernelVersion running();
  static KernelVersion parse(std::string release);
  /// Of what the model says, only what this kernel is can be compared. The model is of Linux 6.18.
  bool is_models() const { return major == 6 && minor == 18; }
};

}  // namespace stackscope
