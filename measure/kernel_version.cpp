#include "measure/kernel_version.hpp"

#include <charconv>
#include <sys/utsname.h>

namespace stackscope {

KernelVersion KernelVersion::running() {
  utsname name{};
  ::uname(&name);
  return parse(name.release);
}

KernelVersion KernelVersion::parse(std::string release) {
  KernelVersion version;
  version.release = std::move(release);
  const char* const end = version.release.data() + version.release.size();
  const auto major = std::from_chars(version.release.data(), end, version.major);
  if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, version.minor);
  return version;
}

}  // namespace stackscope
