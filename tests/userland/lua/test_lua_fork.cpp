// process(): a child has a copy of what its function reaches.

#include <catch2/catch.hpp>

#include "tests/userland/lua/lua_machine.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

/// What a child prints that runs `body`; `before` is the parent's.
std::string child_prints(const std::string& before, const std::string& body) {
  return printed(before + "\nlocal pid = process(function(...) " + body +
                 "\nend, 'given')\nlocal code = waitpid(pid)\n" +
                 "if code ~= 0 then print('code', code) end");
}

}  // namespace

TEST_CASE("lua: exit codes of processes", "[lua][fork]") {
  CHECK(printed("print(waitpid(process(function() end)))") == "0\n");
  CHECK(printed("print(waitpid(process(function() return 'x' end)))") == "0\n");
  CHECK(printed("print(waitpid(process(function(a, b) return a + b end, 40, 2)))") == "42\n");
  CHECK(printed("print(waitpid(process(function() return 300 end)))") == "44\n");
  CHECK(printed("print(waitpid(process(function() error('in the child', 0) end)))")
            .starts_with("1\nin the child\n"));
  CHECK(printed(
            "local pid = process(nanosleep, s(100)) kill(pid, SIGKILL) print(waitpid(pid), waitpid(pid))") ==
        "137\tnil\tECHILD\n");
  CHECK(printed("print(waitpid(process(function() while true do end end)))", {.instructions = 10'000})
            .starts_with("4\n"));
}

TEST_CASE("lua: values, tables and their shape are copied", "[lua][fork]") {
  CHECK(child_prints("local a = {1, 2.5, 'x\\0y', true, nested = {deep = {}}} a.self = a a.nested.up = a",
                     "print(a[1], a[2], #a[3], a[4], a.self == a, a.nested.up == a, #a, ...)") ==
        "1\t2.5\t3\ttrue\ttrue\ttrue\t4\tgiven\n");
  CHECK(child_prints("local k = {} local t = {[k] = 'by object', [1.5] = 1, [false] = 2}",
                     "print(t[k], t[1.5], t[false])") == "by object\t1\t2\n");
  CHECK(child_prints("local m = {__index = function(_, n) return n .. '!' end} local o = setmetatable({}, m)",
                     "print(o.hello, getmetatable(o) == m, rawlen(o))") == "hello!\ttrue\t0\n");
  CHECK(child_prints("local list for i = 1, 50000 do list = {next = list} end",
                     "local n = 0 while list do n = n + 1 list = list.next end print(n)") == "50000\n");
  CHECK(child_prints("x = 1", "x = x + 1 print(x) _G.y = 2 print(y, _G == _ENV)") == "2\n2\ttrue\n");
}

TEST_CASE("lua: functions keep the variables that they share", "[lua][fork]") {
  const std::string kCounter =
      "local n = 10 local function up() n = n + 1 return n end local function show() return n end ";
  CHECK(child_prints(kCounter, "up() up() print(show(), n)") == "12\t12\n");
  CHECK(printed(kCounter + "waitpid(process(function() up() print(show()) end)) print(show())") ==
        "11\n10\n");
  CHECK(child_prints("local function even(n) end local odd function even(n) return n == 0 or odd(n - 1) end "
                     "function odd(n) return n ~= 0 and even(n - 1) end",
                     "print(even(10), odd(7))") == "true\ttrue\n");
  CHECK(child_prints("local list = {} for i = 1, 3 do list[i] = function() i = i + 1 return i end end",
                     "print(list[1](), list[1](), list[2](), list[3]())") == "2\t3\t3\t4\n");
}

TEST_CASE("lua: libraries, random numbers and ordinals go along", "[lua][fork]") {
  CHECK(child_prints("", "print(('abc'):upper(), ('%d'):format(7), #table.pack(1, 2), math.type(1))") ==
        "ABC\t7\t2\tinteger\n");
  CHECK(child_prints("string.shout = function(s) return s:upper() .. '!' end", "print(('hey'):shout())") ==
        "HEY!\n");
  CHECK(printed("math.random() local pid = process(function() print(math.random(1000000)) end) waitpid(pid) "
                "print(math.random(1000000))")
            .size() > 3);
  const std::string pair = printed(
      "math.random() waitpid(process(function() print(math.random(1000000)) end)) "
      "print(math.random(1000000))");
  CHECK(pair.substr(0, pair.size() / 2) == pair.substr(pair.size() / 2));
  CHECK(child_prints("local a, b = {}, {} print(a, b)", "print(b, a, {})") ==
        "table: 1\ttable: 2\ntable: 2\ttable: 1\ttable: 3\n");
  CHECK(child_prints("local iterate, state = pairs{a = 1, b = 2} iterate(state)", "print(iterate(state))") ==
        "b\t2\n");
  CHECK(child_prints("local words = ('one two'):gmatch('%a+') words()", "print(words())") == "two\n");
  CHECK(child_prints("local compile = load", "print(compile('return x, print')())")
            .starts_with("nil\tfunction: "));
  CHECK(child_prints("", "print(pcall(function() return NO_SUCH end))").find("no constant NO_SUCH") !=
        std::string::npos);
}

TEST_CASE("lua: what cannot be copied is an error before anything is forked", "[lua][fork]") {
  CHECK(printed("local h = thread(print) print(pcall(process, function() return h end))") ==
        "false\ta process cannot take a thread's handle with it (argument.h)\n");
  CHECK(printed("workers = {list = {thread(log)}} print(pcall(process, function() print() end))") ==
        "false\ta process cannot take a thread's handle with it (argument._ENV.workers.list.(element))\n");
  CHECK(printed("local co = coroutine.create(print) print(pcall(process, function() return co end))") ==
        "false\ta process cannot take a coroutine with it (argument.co)\n");
  CHECK(
      printed(
          "local next_one = coroutine.wrap(print) print((pcall(process, function() return next_one end)))") ==
      "false\n");
  CHECK(printed("local co = coroutine.create(function() end) coroutine.resume(co) "
                "print(waitpid(process(function() print(coroutine.status(co)) end)))") == "dead\n0\n");
  CHECK(printed("print(pcall(process, 7))") ==
        "false\tbad argument #1 to 'process' (function expected, got number)\n");
  CHECK(printed("local h = thread(log) for i = 1, 300 do pcall(process, function() return h end) end "
                "print('ok')") == "ok\n");
}

TEST_CASE("lua: a child has threads of its own, and children", "[lua][fork]") {
  CHECK(child_prints("local n = 0",
                     "local h = thread(function() n = n + 5 return n end) print(join(h), n)") == "5\t5\n");
  CHECK(printed(
            "print(waitpid(process(function() return waitpid(process(function() return 9 end)) + 1 end)))") ==
        "10\n");
  CHECK(printed("local r, w = pipe() local pid = process(function() write(w, 'from below') end) waitpid(pid) "
                "print(read(r, 100))") == "from below\n");
  CHECK(printed("process(function() nanosleep(nil) end) print('ends')") == "ends\n");
}
