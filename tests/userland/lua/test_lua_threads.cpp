// Threads of a Lua program: what they share, how they end, and what is said of those that sleep.

#include <catch2/catch.hpp>

#include "tests/userland/lua/lua_machine.hpp"

using namespace stackscope;
using namespace stackscope::test;

TEST_CASE("lua: threads share variables and return values", "[lua][threads]") {
  CHECK(printed("local n = 0 local list = {} for i = 1, 5 do list[i] = thread(function(k) nanosleep(ms(k)) n "
                "= n + k return k, 'x' end, i) end "
                "for i = 5, 1, -1 do print(join(list[i])) end print(n)") ==
        "5\tx\n4\tx\n3\tx\n2\tx\n1\tx\n15\n");
  CHECK(printed("local h = thread(function() return nil, 2, nil end) print(select('#', join(h)), select('#', "
                "join(h)))") == "3\t3\n");
  CHECK(printed("local h = thread(function(...) return select('#', ...) end, nil, nil) print(join(h), h)") ==
        "2\thandle: 1\n");
  CHECK(printed("print(join(thread(join, nil)))").starts_with("nil\tbad argument #1"));
}

TEST_CASE("lua: a switch happens inside calls only", "[lua][threads]") {
  CHECK(printed("local n = 0 local function add() for _ = 1, 1000 do n = n + 1 end end "
                "local a, b = thread(add), thread(add) join(a) join(b) print(n)") == "2000\n");
  CHECK(printed("local n = 0 local function add() n = n + (sched_yield() + 1) end "
                "local a, b = thread(add), thread(add) join(a) join(b) print(n)") == "1\n");
}

TEST_CASE("lua: a thread that failed is reported by join, or ends the program", "[lua][threads]") {
  CHECK(printed("local h = thread(function() error('oh') end) print(join(h)) print(join(h))") ==
        "nil\tprog.lua:1: oh\nnil\tprog.lua:1: oh\n");
  CHECK(printed("local h = thread(function() error({7}) end) print(select(2, join(h))[1])") == "7\n");
  CHECK(printed("thread(function() error('unseen') end) nanosleep(1) print('main goes on')") ==
        "main goes on\nprog.lua:1: unseen\nstack traceback:\n\t[C]: in function 'error'\n\tprog.lua:1: in "
        "function "
        "<prog.lua:1>\nexit code 1\n");
  CHECK(printed("for i = 1, 3 do thread(function() error('number ' .. i, 0) end) end nanosleep(1)")
            .starts_with("number 1\n"));
  CHECK(printed("thread(function() nanosleep(s(1)) error('late') end)") == "");
}

TEST_CASE("lua: handles and results survive the collector", "[lua][threads]") {
  CHECK(printed("local list = {} for i = 1, 20 do list[i] = thread(function() local t = {} for j = 1, 50 do "
                "nanosleep(us(j)) "
                "t[j] = ('x'):rep(j * 100) end return #t end) end collectgarbage() local sum = 0 "
                "for i = 1, 20 do sum = sum + join(list[i]) collectgarbage() end print(sum)") == "1000\n");
  CHECK(printed("thread(function() for i = 1, 10 do nanosleep(ms(1)) collectgarbage() end log('done') end) "
                "for i = 1, 20 do nanosleep(ms(1)) collectgarbage() end print('ok')") == "ok\n");
}

TEST_CASE("lua: a coroutine belongs to whoever resumes it", "[lua][threads]") {
  CHECK(printed("local co = coroutine.create(function() while true do coroutine.yield(gettid()) end end) "
                "local _, mine = coroutine.resume(co) local other = join(thread(function() return select(2, "
                "coroutine.resume(co)) end)) "
                "print(mine == getpid(), other == mine)") == "true\tfalse\n");
  CHECK(printed("local r, w = pipe() local co = coroutine.create(function() return read(r, 1) end) "
                "local h = thread(function() return coroutine.resume(co) end) wait_until_blocked(h) "
                "print(coroutine.resume(co)) print(coroutine.status(co), pcall(coroutine.close, co)) "
                "write(w, 'x') print(join(h))") ==
        "false\tcannot resume non-suspended coroutine\nnormal\tfalse\tcannot close a normal "
        "coroutine\ntrue\tx\n");
  CHECK(printed("local main = coroutine.running() print(join(thread(function() return coroutine.resume(main) "
                "end)))") == "false\tcannot resume non-suspended coroutine\n");
  CHECK(printed("local mine local h = thread(function() mine = coroutine.running() end) join(h) "
                "print(coroutine.status(mine), coroutine.resume(mine))") ==
        "dead\tfalse\tcannot resume dead coroutine\n");
}

TEST_CASE("lua: what a thread was reading or writing stays where it is", "[lua][threads]") {
  CHECK(
      printed(
          "local r, w = pipe() local h = thread(function() return read(r, 100000) end) wait_until_blocked(h) "
          "for i = 1, 2000 do local s = ('y'):rep(1000) end collectgarbage() write(w, ('z'):rep(50000)) "
          "print(#join(h), join(h) == ('z'):rep(50000))") == "50000\ttrue\n");
}

TEST_CASE("lua: nothing goes on, and the threads are named with their calls", "[lua][threads]") {
  LuaProgram program(
      {"prog.lua",
       "local r, w = pipe() local h = thread(function() read(r, 10) end)\n"
       "thread(function() nanosleep(nil) end) thread(function() error('why') end) nanosleep(1)\n"
       "join(h)"});
  LuaMachine machine;
  CHECK(machine.run(program) == -1);
  CHECK(program.end().kind == LuaEnd::Kind::kRunning);
  CHECK(program.sleeping_calls() == std::vector<std::pair<int, std::string>>{
                                        {100, "join(101)"}, {101, "read(3, 10)"}, {102, "nanosleep(nil)"}});
  REQUIRE(program.unjoined_errors().size() == 1);
  CHECK(program.unjoined_errors()[0].starts_with("prog.lua:2: why"));
}

TEST_CASE("lua: log and marks go into the recording", "[lua][threads]") {
  LuaProgram program({"prog.lua", "log('a', 1, {}) mark_begin('m') mark_end('m')"});
  LuaMachine machine;
  CHECK(machine.run(program) == 0);
  CHECK(machine.records == std::vector<std::string>{"log a\t1\ttable: 1", "begin m", "end m"});
  CHECK(program.end().kind == LuaEnd::Kind::kFinished);
}
