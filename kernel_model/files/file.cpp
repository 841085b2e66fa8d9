#include "kernel_model/files/file.hpp"

#include <fcntl.h>

namespace stackscope {

bool File::is_nonblocking() const { return (flags_ & O_NONBLOCK) != 0; }

}  // namespace stackscope
