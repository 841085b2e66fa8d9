#pragma once
// The socket that a descriptor names, held by the call; or why there is none.
//
// Linux: net/socket.c sock_from_file()

#include "kernel_model/files/socket_file.hpp"

namespace stackscope {

class SocketRef {
 public:
  SocketRef(FdTable& fds, int fd) : file_(fds.get(fd)), socket_(file_ ? file_.as<SocketFile>() : nullptr) {}
  explicit operator bool() const { return socket_ != nullptr; }
  SocketFile* operator->() const { return socket_; }
  /// −ENOTSOCK or −EBADF, where there is none.
  int error() const { return file_ ? -ENOTSOCK : -EBADF; }

 private:
  FileRef file_;
  SocketFile* socket_;
};

}  // namespace stackscope
