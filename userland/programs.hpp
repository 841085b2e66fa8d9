#pragma once
// The bodies of the catalogue's programs. What each can be told stands in catalogue.cpp.
//
// A body runs on a fiber that may be dropped in the middle of any call, and has 64 KiB of stack: so it keeps no heap
// memory and no large arrays. What a program does not expect to fail it notes ("failed: bind", errno), and then ends.

#include <cstddef>
#include <memory>

namespace stackscope {

class Arguments;
class CrowdProgram;
class Syscalls;

/// The most events that a body can take from one epoll_wait(): they lie on its stack.
inline constexpr std::size_t kMostEvents = 512;

void herd_worker(Syscalls& os, const Arguments& args);
void connect_each(Syscalls& os, const Arguments& args);
void echo_server(Syscalls& os, const Arguments& args);
void echo_client(Syscalls& os, const Arguments& args);
void bulk_server(Syscalls& os, const Arguments& args);
void bulk_client(Syscalls& os, const Arguments& args);
void piecewise_server(Syscalls& os, const Arguments& args);
void piecewise_client(Syscalls& os, const Arguments& args);
void patient_server(Syscalls& os, const Arguments& args);

std::unique_ptr<CrowdProgram> connect_each_crowd(const Arguments& args);
std::unique_ptr<CrowdProgram> connect_crowd(const Arguments& args);
std::unique_ptr<CrowdProgram> echo_crowd(const Arguments& args);
std::unique_ptr<CrowdProgram> syn_flood(const Arguments& args);

}  // namespace stackscope
