// Pipes by way of the system calls, on a host with the measured costs.

#include <catch2/catch.hpp>
#include <fcntl.h>

#include "tests/runner/measured_host.hpp"

using namespace stackscope;
using namespace stackscope::test;

TEST_CASE("pipe2: the reading end has the lower number, and each end its flags", "[pipe]") {
  MeasuredHost machine;
  bool ended = false;
  machine.thread("program", 0, [&](Syscalls& os) {
    std::array<int, 2> ends{-7, -7};
    CHECK(os.pipe2(ends, O_WRONLY) == -EINVAL);
    CHECK(ends[0] == -7);
    CHECK(os.pipe2(ends, O_NONBLOCK | O_DIRECT | O_CLOEXEC) == 0);
    CHECK(ends[1] == ends[0] + 1);
    CHECK(os.fcntl(ends[0], F_GETFL, 0) == (O_RDONLY | O_NONBLOCK));
    CHECK(os.fcntl(ends[1], F_GETFL, 0) == (O_WRONLY | O_NONBLOCK | O_DIRECT));
    CHECK(os.read(ends[1], {nullptr, 1}) == -EBADF);
    CHECK(os.write(ends[0], {nullptr, 1}) == -EBADF);
    CHECK(os.read(ends[0], {nullptr, 1}) == -EAGAIN);

    CHECK(os.fcntl(ends[1], F_SETFL, 0) == 0);  // no packets any more
    CHECK(os.write(ends[1], {nullptr, 3}) == 3);
    CHECK(os.write(ends[1], {nullptr, 4}) == 4);
    CHECK(os.read(ends[0], {nullptr, 99}) == 7);

    CHECK(os.fcntl(ends[0], F_GETPIPE_SZ, 0) == 65536);
    CHECK(os.fcntl(ends[1], F_SETPIPE_SZ, 4097) == 8192);
    CHECK(os.fcntl(os.eventfd(0, 0), F_GETPIPE_SZ, 0) == -EBADF);
    CHECK(os.close(ends[1]) == 0);
    CHECK(os.read(ends[0], {nullptr, 1}) == 0);
    ended = true;
  });
  machine.run_for(Duration::ms(10));
  CHECK(ended);
}
