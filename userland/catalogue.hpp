#pragma once
// The programs that a scenario may name, and what each can be told. Declarations and bodies meet here: a
// program's arguments are declared once, for the reader, `list --programs`, the JSON schema and the body
// itself.

#include <memory>
#include <span>
#include <string_view>

#include "kernel_model/vocabulary/parameter.hpp"

namespace stackscope {

class Syscalls;
class CrowdProgram;

/// A blocking program: one call is one thread, from its first system call to its last.
using ThreadBody = void (*)(Syscalls&, const Arguments&);
/// A crowd program: a body driven by events, with neither thread nor stack of its own.
using CrowdBody = std::unique_ptr<CrowdProgram> (*)(const Arguments&);

/// Where a program can run. A full host runs every program: a crowd program there goes through one epoll
/// loop.
enum class ProgramForm : std::uint8_t {
  kBlocking,  // makes system calls that block: needs a CPU, so a full host
  kCrowd,     // event-driven: also runs on a peer
  kBoth,      // has a body of each form; a full host runs the blocking one
};

struct ProgramSpec {
  std::string_view name;
  std::string_view sentence;
  ProgramForm form;
  bool serves;  // runs for ever: a simulation ends when every program that does not serve has ended
  std::span<const Parameter> parameters;
  ThreadBody thread = nullptr;  // kCrowd has none: on a full host, a CrowdThread runs it
  CrowdBody crowd = nullptr;    // where it runs on peers

  bool runs_on_peers() const { return form != ProgramForm::kBlocking; }
};

std::span<const ProgramSpec> programs();

/// The program of that name, or null.
const ProgramSpec* find_program(std::string_view name);

}  // namespace stackscope
