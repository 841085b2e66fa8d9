// Lua programs on the model: what docs/lua.md promises beside the calls themselves.

#include <catch2/catch.hpp>

#include "runner/lua/lua_run.hpp"

namespace stackscope {
namespace {

struct Ran {
  LuaRunResult result;
  std::vector<std::string> out, err;
};

Ran run(const std::string& lua) {
  Ran ran;
  LuaRunOptions options;
  options.on_line = [&ran](int stream, std::string_view line) {
    (stream == 1 ? ran.out : ran.err).emplace_back(line);
  };
  ran.result = run_lua_on_model({"test.lua", lua}, options);
  return ran;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a Lua program prints its lines, and ends well", "[lua]") {
  const Ran ran = run("print('hello', 1, 2.5, nil, true) print(0x80000000 == EPOLLET)");
  CHECK(ran.out == Lines{"hello\t1\t2.5\tnil\ttrue", "true"});
  CHECK(ran.result.exit_code == 0);
}

TEST_CASE("an error that nobody catches is exit code 1, with its line on standard error", "[lua]") {
  SECTION("in the main chunk") {
    const Ran ran = run("print('before')\nlocal x = nil + 1");
    CHECK(ran.out == Lines{"before"});
    REQUIRE(ran.err.size() > 1);
    CHECK(ran.err[1] == "stack traceback:");
    CHECK(ran.err[0].starts_with("test.lua:2: attempt to perform arithmetic on a nil value"));
    CHECK(ran.result.exit_code == 1);
  }
  SECTION("in a thread that nobody joins") {
    CHECK(run("thread(function() error('lost', 0) end) nanosleep(ms(1))").err.at(0) == "lost");
  }
  SECTION("of syntax") { CHECK(run("x = = 1").err.at(0).starts_with("test.lua:1: unexpected symbol")); }
  SECTION("an object without text") {
    CHECK(run("error({})").err.at(0) == "(error object is a table value)");
    CHECK(run("error(setmetatable({}, {__tostring = function() error('again') end}))").err.at(0) ==
          "test.lua:1: again");
  }
}

TEST_CASE("calls give a result, or nil and the errno's name", "[lua]") {
  CHECK(run("print(close(99)) print(read(77, 4)) print(epoll_create1(1)) print(eventfd(0, 0))").out ==
        Lines{"nil\tEBADF", "nil\tEBADF", "nil\tEINVAL", "3"});
}

TEST_CASE("wrong types are Lua errors, wrong values the kernel's", "[lua]") {
  CHECK(run("print(pcall(close, 'x'))").out.at(0).find("number expected") != std::string::npos);
  CHECK(run("print(pcall(bind, 3, 'nowhere'))").out.at(0).find("bad argument #2") != std::string::npos);
  CHECK(run("print(close(-5))").out == Lines{"nil\tEBADF"});
}

TEST_CASE("a constant that there is not is an error that names its neighbour, never nil", "[lua]") {
  CHECK(run("print(EPOLLINN)").err.at(0) ==
        "test.lua:1: no constant EPOLLINN in this build; did you mean EPOLLIN?");
  CHECK(run("print(some_global)").out == Lines{"nil"});
}

TEST_CASE("threads share variables and are switched in calls alone", "[lua]") {
  const Ran ran = run(R"(
    local n, threads = 0, {}
    for i = 1, 4 do threads[i] = thread(function(step) for _ = 1, 100 do n = n + step end return i, n end, i) end
    for i = 1, 4 do print(join(threads[i])) end
    print(join(threads[1])))");
  CHECK(ran.out == Lines{"1\t100", "2\t300", "3\t600", "4\t1000", "1\t100"});
}

TEST_CASE("a process has a copy of what its function reaches", "[lua]") {
  const Ran ran = run(R"(
    local shared = {list = {1, 2}, self = nil}; shared.self = shared
    counter = 5
    local function bump() counter = counter + 1; return counter end
    local function look() return counter end
    math.randomseed(7); math.random()
    local pid = process(function(extra)
      shared.list[3] = extra
      print(shared.self == shared, #shared.list, bump(), look(), math.random(1000), string.format("%d", 3))
      return 3
    end, "argument")
    print(waitpid(pid), #shared.list, counter, math.random(1000)))");
  REQUIRE(ran.out.size() == 2);
  const std::string random = ran.out[1].substr(ran.out[1].rfind('\t') + 1);
  CHECK(ran.out[0] == "true\t3\t6\t6\t" + random + "\t3");
  CHECK(ran.out[1] == "3\t2\t5\t" + random);
}

TEST_CASE("a process takes along neither threads nor coroutines", "[lua]") {
  CHECK(run("local t = thread(function() end) process(function() return t end)")
            .err.at(0)
            .find("a process cannot take") != std::string::npos);
  CHECK(run("local c = coroutine.create(function() end) process(function() return c end)").result.exit_code ==
        1);
}

TEST_CASE("a program in which nothing can go on is exit code 4 and names its threads", "[lua]") {
  const Ran ran = run("local r = pipe() local t = thread(function() read(r, 1) end) join(t)");
  CHECK(ran.result.exit_code == 4);
  REQUIRE(ran.result.stuck.size() == 2);
  CHECK(ran.result.stuck[0].call == "join(4)");
  CHECK(ran.result.stuck[1].call == "read(3, 1)");
}

TEST_CASE("a loop without a call ends, whatever it catches", "[lua]") {
  CHECK(run("while true do end").result.exit_code == 4);
  CHECK(run("while true do pcall(function() while true do end end) end").result.exit_code == 4);
  CHECK(run("thread(function() coroutine.wrap(function() while true do end end)() end) nanosleep(s(1))")
            .result.exit_code == 4);
}

TEST_CASE("recursion through each C function of the library is a Lua error", "[lua][hostile]") {
  const char* const attempt = GENERATE(
      "local function f() return (string.gsub('x', 'x', f)) end f()",
      "local function f() table.sort({1, 2, 3}, f) end f()",
      "local function f() return pcall(f) end error(select(2, f()))",
      "local function f() return xpcall(f, f) end f() error('end')",
      "local t = setmetatable({}, {}) getmetatable(t).__index = function(a, k) return a[k + 1] end local x = "
      "t[1]",
      "local t = setmetatable({}, {}) getmetatable(t).__tostring = function(a) return tostring(a) end "
      "tostring(t)",
      "local t = setmetatable({}, {}) getmetatable(t).__lt = function(a, b) return a < b end local x = t < t",
      "local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return a .. b end local x = "
      "t .. t",
      "local function f() return load(f) end f() error('end')",
      "local function f() return coroutine.wrap(f)() end f()",
      "local function f() for _ in string.gmatch('x', 'x') do f() end end f()",
      "local t = {} for i = 1, 1e5 do t = {t} end process(function() return t end) error('end')",
      "local t = setmetatable({}, {}) getmetatable(t).__pairs = function(a) return pairs(a) end pairs(t)");
  INFO(attempt);
  CHECK(run(attempt).result.exit_code == 1);
}

TEST_CASE("memory is limited, and using it up ends the program", "[lua][hostile]") {
  CHECK(
      run("local t = {} print(pcall(function() for i = 1, 1e9 do t[i] = string.rep('x', 1e6) .. i end end))")
          .result.exit_code == 4);
  CHECK(run("print(#string.rep('', 1e18))").out == Lines{"0"});
}

TEST_CASE("loops in C end too", "[lua][hostile]") {
  const char* const attempt =
      GENERATE("table.move({}, 1, 1e18 // 1 | 0, 2)",
               "table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)",
               "table.concat(setmetatable({}, {__len = function() return 1 << 60 end}))",
               "table.sort(setmetatable({}, {__len = function() return 1 << 60 end}))",
               "table.unpack(setmetatable({}, {__len = function() return 1 << 60 end}))");
  INFO(attempt);
  CHECK(run(attempt).result.exit_code != 0);
}

TEST_CASE("nothing leads out of the sandbox", "[lua][hostile]") {
  const char* const expression = GENERATE(
      "os", "io", "package", "debug", "require", "dofile", "loadfile", "string.dump", "warn", "module",
      "_G.os", "_G.io", "_G.debug", "_G.package", "_ENV.os", "_ENV.require", "load('return os')()",
      "load('return io')()", "load('return debug')()", "load(string.char(27) .. 'Lua')",
      "load('x', 'x', 'b')", "string.dump and 1", "math.os", "getmetatable('').__index.dump", "coroutine.os",
      "rawget(_G, 'os')", "rawget(_G, 'require')", "rawget(string, 'dump')", "utf8.os", "table.os",
      "load(function() return nil end) and os", "_G._G._G.io", "(function(...) return os end)()",
      "select(2, pcall(function() return os end))", "getmetatable(_G).__newindex", "getmetatable(print)",
      "getmetatable(1)", "getmetatable(nil)", "getmetatable(true)", "load('return ...', 'n', 't', {})(nil)",
      "load('return _ENV', 'n', 't', {})().os", "coroutine.wrap(function() return os end)()",
      "package and package.loaded", "debug and debug.getregistry", "io and io.popen", "os and os.execute");
  INFO(expression);
  const std::string name = expression;
  CHECK(run("local ok, v = pcall(function() return (" + name + ") end) print(ok and v or nil)").out ==
        Lines{"nil"});
}

TEST_CASE("what has no order has no address", "[lua]") {
  CHECK(run("local a, b = {}, {} print(b, a, b) print(string.format('%p %s', a, b)) print(print == print, "
            "tostring(print))")
            .out == Lines{"table: 1\ttable: 2\ttable: 1", "2 table: 1", "true\tfunction: 3"});
  CHECK(run("for k in pairs({[2.5] = 1, x = 1, [1] = 1, a = 1, [true] = 1, [false] = 1}) do print(k) end")
            .out == Lines{"1", "2.5", "a", "x", "false", "true"});
  CHECK(run("for k in pairs({[{}] = 1}) do end").result.exit_code == 1);
  CHECK(run("print(math.random(1 << 40) == (math.randomseed() or math.random(1 << 40)))").out ==
        Lines{"true"});
}

}  // namespace stackscope
