// Programs that mean harm: they end, soon, with a Lua error or a limit.

#include <catch2/catch.hpp>

#include "tests/userland/lua/lua_machine.hpp"

using namespace stackscope;
using namespace stackscope::test;

namespace {

constexpr LuaLimits kSmall{.instructions = 10'000'000, .memory_bytes = 32u << 20, .threads = 50};

bool ends_by_limit(const std::string& program) {
  const std::string shown = printed(program, kSmall);
  UNSCOPED_INFO(program << "\n" << shown.substr(0, 400));
  return shown.ends_with("exit code 4\n");
}

/// Whether `call` raises, and the program goes on.
bool is_caught(const std::string& call) {
  const std::string shown = printed("print((pcall(function() " + call + " end)))", kSmall);
  UNSCOPED_INFO(call << "\n" << shown.substr(0, 400));
  return shown == "false\n";
}

}  // namespace

TEST_CASE("lua: recursion through every door ends in a Lua error", "[lua][hostile]") {
  for (const char* call :
       {"local function f() return 1 + f() end f()",
        "local function f() string.gsub('x', 'x', f) end f()",
        "local function f() table.sort({1, 2}, f) end f()",
        "local function f() assert(pcall(f)) end f()",
        "local function f() assert(xpcall(f, error)) end f()",
        "local t = {} setmetatable(t, {__index = function(_, k) return t[k] end}) return t.x",
        "local t = {} setmetatable(t, {__index = t}) return t.x",
        "local t = {} setmetatable(t, {__newindex = t}) t.x = 1",
        "local t = {} setmetatable(t, {__call = t}) t()",
        "local t = {} setmetatable(t, {__lt = function(a, b) return a < b end}) return t < t",
        "local t = {} setmetatable(t, {__le = function(a, b) return a <= b end}) return t <= t",
        "local m = {} local a, b = setmetatable({}, m), setmetatable({}, m) m.__eq = function(x, y) return x "
        "== y end return a == b",
        "local t = {} setmetatable(t, {__concat = function(a, b) return a .. b end}) return t .. t",
        "local t = {} setmetatable(t, {__len = function(a) return #a end}) return #t",
        "local t = {} setmetatable(t, {__unm = function(a) return -a end}) return -t",
        "local t = {} setmetatable(t, {__add = function(a, b) return a + b end}) return t + t",
        "local t = {} setmetatable(t, {__tostring = function(a) return tostring(a) end}) return tostring(t)",
        "local t = {} setmetatable(t, {__tostring = function(a) return ('%s'):format(a) end}) return "
        "('%s'):format(t)",
        "local t = {} setmetatable(t, {__tostring = function(a) print(a) return '' end}) print(t)",
        "local t = {} setmetatable(t, {__pairs = function(a) return pairs(a) end}) pairs(t)",
        "local t = {} setmetatable(t, {__index = function(a) return table.concat(a, '', 1, 1) end}) "
        "table.concat(t, '', 1, 1)",
        "local t = {} setmetatable(t, {__index = function(a) return table.unpack(a, 1, 1) end}) "
        "table.unpack(t, 1, 1)",
        "local function f() return coroutine.wrap(f)() end f()",
        "local function f() assert(coroutine.resume(coroutine.create(f))) end f()",
        "local function f() return load(f)() end f()",
        "local function f() return load(function() f() end) end f()",
        "local function f() local x <close> = setmetatable({}, {__close = f}) error() end f()",
        "local function f() local co = coroutine.create(function() local x <close> = setmetatable({}, "
        "{__close = f}) coroutine.yield() end) "
        "coroutine.resume(co) assert(coroutine.close(co)) end f()",
        "load(string.rep('(', 1000))() ",
        "load(string.rep('{', 5000))()",
        "load('return ' .. string.rep('- ', 10000) .. '1')()",
        "load(string.rep('do ', 1000) .. string.rep('end ', 1000), 'x')() load(string.rep('a=function() ', "
        "300))()",
        "load('return ' .. string.rep('a..', 1000) .. 'a')()",
        "load('x=' .. string.rep('not ', 10000) .. '1')()",
        "string.rep('x', 100):find(string.rep('(x', 100))",
        "('x'):rep(1000):match(('x?'):rep(1000) .. ('x'):rep(1000))",
        "('x'):find(('('):rep(33) .. (')'):rep(33))"}) {
    CHECK(is_caught(call));
  }
}

TEST_CASE("lua: coroutines that close each other stop at a depth", "[lua][hostile]") {
  CHECK(
      printed("local function f(n) local co = coroutine.create(function() local x <close> = setmetatable({}, "
              "{__close = function() f(n + 1) end}) coroutine.yield() end) coroutine.resume(co) "
              "local ok, err = coroutine.close(co) if not ok and n == 1 then print(err) end assert(ok, err) "
              "end f(1)",
              kSmall)
          .find("C stack overflow") != std::string::npos);
}

TEST_CASE("lua: bombs of memory end the program, even under pcall", "[lua][hostile]") {
  for (const char* program :
       {"local s = 'x' while true do s = s .. s end",
        "pcall(function() local s = 'x' while true do s = s .. s end end) print('caught')",
        "local t = {} for i = 1, 1e9 do t[i] = i end", "string.rep('x', 1 << 40)",
        "pcall(string.rep, 'x', 1 << 30)", "local t = {} while true do t = {t, t, t, t} end",
        "string.rep('abc', 1 << 28, 'def')", "local function f(...) return f(1, ...) end f()",
        "table.concat({}, ('x'):rep(1 << 20), 1, 0) "
        "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(100000) end table.concat(t)",
        "coroutine.wrap(function() local t = {} while true do t[#t + 1] = {} end end)()",
        "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
        "string.pack('c' .. (1 << 30), '')", "('x'):rep(1e6):gsub('.', ('y'):rep(1000))", "load(math.random)",
        "load(function() return 'x = 1 ' end)",
        "xpcall(function() local s = 'x' while true do s = s .. s end end, function() end)"}) {
    CHECK((ends_by_limit(program) || printed(program, kSmall).find("exit code 1") != std::string::npos ||
           printed(program, kSmall).empty()));
    CHECK(printed(program, kSmall).find("caught") == std::string::npos);
  }
  CHECK(ends_by_limit("pcall(function() local s = 'x' while true do s = s .. s end end) print('caught')"));
  CHECK(ends_by_limit("local t = {} for i = 1, 1e9 do t[i] = i end"));
}

TEST_CASE("lua: work that liblua would do without an instruction is counted", "[lua][hostile]") {
  for (const char* program :
       {"(''):rep(1 << 50) while true do (''):rep(1 << 50) end",
        "('a'):rep(1 << 50, '')",
        "('a'):rep(30):find(('a*'):rep(30) .. 'b')",
        "('x'):rep(20000):find('.-.-.-b')",
        "('a'):rep(1e6):gsub('a*b', '')",
        "('a'):rep(40):match(('a-'):rep(20) .. 'b')",
        "('a'):rep(1e5):gmatch('a-b')()",
        "('('):rep(1e6):gsub('%b()', '')",
        "while true do ('a'):rep(1e6):find('b', 1, true) end",
        "while true do ('a'):rep(1e6):upper() end",
        "table.move({}, 1, 1 << 60, 2)",
        "table.concat(setmetatable({}, {__index = rawlen}), '', 1, 1 << 60)",
        "table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)",
        "table.remove(setmetatable({}, {__len = function() return 1 << 60 end}), 1)",
        "table.sort(setmetatable({}, {__len = function() return 1 << 30 end}), function() return false end)",
        "local t = {} for i = 1, 1e5 do t[i] = 1 end while true do next(t) end",
        "local t = {} for i = 1, 3e4 do t[i] = 1 end while true do table.unpack(t) end",
        "local s = ('x'):rep(3e4) while true do s:byte(1, -1) end",
        "local s = (' '):rep(1e6) .. '1' while true do tonumber(s) end",
        "local s = (' '):rep(1e6) .. '1' while true do local _ = s + 1 end",
        "local s = ('\\x80'):rep(1e6) while true do utf8.offset(s, 0, 1e6) end",
        "local s = 'a' .. ('\\x80'):rep(1e6) while true do pcall(utf8.offset, s, 2) end",
        "local s = 'a' .. ('\\x80'):rep(1e6) local f = utf8.codes('') while true do pcall(f, s, 1) end",
        "local s = ('a'):rep(1e6) while true do utf8.len(s) end",
        "while true do load(('x = 1 '):rep(1000)) end",
        "load('return ' .. ('a and '):rep(20000) .. 'a')",
        "while true do collectgarbage() end",
        "local t = {} for i = 1, 1e4 do t[i] = i end local function f(...) while true do select('#', ...) "
        "end end f(table.unpack(t))",
        "local t = {} for i = 1, 1e4 do t[i] = i end local function f(...) while true do local a = ... local "
        "b = {n = (...)} g(...) end end "
        "function g() end f(table.unpack(t))"}) {
    CHECK(ends_by_limit(program));
  }
}

TEST_CASE("lua: errors in the handling of errors", "[lua][hostile]") {
  CHECK(printed("error(setmetatable({}, {__tostring = function() error('inner') end}))")
            .ends_with("exit code 1\n"));
  CHECK(
      printed("error(setmetatable({}, {__tostring = function() return {} end}))").ends_with("exit code 1\n"));
  CHECK(
      printed("local e = setmetatable({}, {}) getmetatable(e).__tostring = function() error(e) end error(e)")
          .ends_with("exit code 1\n"));
  CHECK(printed("print(xpcall(error, function(e) error(e) end, 'x'))").starts_with("false\t"));
  CHECK(printed(
            "local x <close> = setmetatable({}, {__close = function() error('closing') end}) error('first')")
            .ends_with("exit code 1\n"));
  CHECK(printed("local function f() f() end f()").ends_with("exit code 1\n"));
  CHECK(printed("print(pcall(error))") == "false\tnil\n");
  CHECK(printed("print(pcall(function() local x <close> = 5 end))") ==
        "false\tprog.lua:1: variable 'x' got a non-closable value\n");
}

TEST_CASE("lua: a program is as long as 256 KiB", "[lua][hostile]") {
  CHECK(printed(std::string(kLongestLuaProgram + 1, ' ')) ==
        "prog.lua:1: a program is at most 256 KiB long\nexit code 1\n");
  CHECK(printed(std::string(kLongestLuaProgram, ' ')) == "");
  CHECK(printed("print(1)", {.memory_bytes = 1000}).ends_with("exit code 1\n"));
  CHECK(printed("print(1)", {.memory_bytes = 30'000}).ends_with("exit code 1\n"));
}

TEST_CASE("lua: as many threads as the limit, then EAGAIN", "[lua][hostile]") {
  CHECK(printed("local n = 0 while true do local h, e = thread(function() nanosleep(s(1000)) end) if not h then print(n, e) break "
                "end n = n + 1 end",
                kSmall) == "49\tEAGAIN\n");
  CHECK(printed("for i = 1, 500 do join(thread(log, i)) end print('done')", kSmall) == "done\n");
}
