# Writes OUTPUT, a C++ source that holds every profile of PROFILES (a list of .toml files).
set(entries "")
foreach(profile IN LISTS PROFILES)
  get_filename_component(name ${profile} NAME_WLE)
  file(READ ${profile} text)
  string(APPEND entries "    {\"${name}\", R\"profile(${text})profile\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from assets/profiles; do not edit.
#include \"runner/built_in_profiles.hpp\"

namespace stackscope {

std::span<const BuiltInProfile> built_in_profiles() {
  static constexpr BuiltInProfile kProfiles[] = {
${entries}  };
  return kProfiles;
}

}  // namespace stackscope
")
