// Ways out of the sandbox, each tried. What a program could see of the machine, the clock or addresses is not there.

#include <catch2/catch.hpp>

#include "tests/userland/lua/lua_machine.hpp"

using namespace stackscope;
using namespace stackscope::test;

TEST_CASE("lua: what would reach the machine does not exist", "[lua][sandbox]") {
  for (const char* name : {"os",
                           "io",
                           "package",
                           "debug",
                           "require",
                           "dofile",
                           "loadfile",
                           "warn",
                           "module",
                           "loadstring",
                           "setfenv",
                           "getfenv",
                           "unpack",
                           "newproxy",
                           "string.dump",
                           "os and os.time",
                           "io and io.open",
                           "debug and debug.getregistry",
                           "package and package.loadlib",
                           "math.pow",
                           "table.getn",
                           "collectgarbage == nil or nil",
                           "_G.os",
                           "_G.io",
                           "_ENV.debug",
                           "_G._G._G.require",
                           "getmetatable(_G).os",
                           "rawget(_G, 'os')",
                           "rawget(_G, 'debug')",
                           "load('return os')()",
                           "load('return debug')()",
                           "load('return package', 'x', 't', _G)()"}) {
    INFO(name);
    CHECK(printed(std::string("print(") + name + ")") == "nil\n");
  }
}

TEST_CASE("lua: no bytecode is loaded, by whatever mode", "[lua][sandbox]") {
  for (const char* call : {"load('\\27Lua')", "load('\\27Lua', 'x', 'b')", "load('\\27Lua', 'x', 'bt')",
                           "load(function() return nil end, 'x', 'b') and nil",
                           "load((function() local n = 0 return function() n = n + 1 return n == 1 and "
                           "'\\27Lua' or nil end end)())"}) {
    INFO(call);
    CHECK(printed(std::string("print((") + call + "))") == "nil\n");
  }
  CHECK(printed("print(load('\\27LuaT'))") == "nil\tattempt to load a binary chunk (mode is 't')\n");
}

TEST_CASE("lua: nobody sees when memory is collected", "[lua][sandbox]") {
  CHECK(printed("print(pcall(collectgarbage, 'count'))") ==
        "false\tthere is no collectgarbage(\"count\") here, only \"collect\"\n");
  for (const char* option :
       {"stop", "restart", "step", "isrunning", "incremental", "generational", "setpause", "nonsense"}) {
    CHECK(printed(std::string("print((pcall(collectgarbage, '") + option + "')))") == "false\n");
  }
  CHECK(printed("print(collectgarbage())") == "0\n");
  CHECK(printed("print((pcall(setmetatable, {}, {__gc = print})))") == "false\n");
  CHECK(printed("print((pcall(setmetatable, {}, {__mode = 'k'})))") == "false\n");
  CHECK(printed(
            "local m = {} local t = setmetatable({}, m) m.__mode = 'kv' t[1] = {} t[{}] = 1 collectgarbage() "
            "print(t[1] ~= nil)") == "true\n");
  CHECK(printed("local m = {} setmetatable({}, m) m['__' .. 'mode'] = 'k' local t = setmetatable({}, "
                "getmetatable(setmetatable({}, {}))) "
                "print(t ~= nil)") == "true\n");
  CHECK(printed("local m = {} setmetatable({}, m) m.__gc = function() print('ran') end local t = "
                "pcall(setmetatable, {}, m) "
                "rawset(m, '__gc', nil) setmetatable({}, m) m.__gc = function() print('ran') end "
                "collectgarbage() collectgarbage()") == "");
  CHECK(printed("local m = setmetatable({}, {__index = {__mode = 'v'}}) local t = setmetatable({{}}, m) "
                "collectgarbage() print(#t)") == "1\n");
  CHECK(printed("local s = {} for i = 1, 3 do s[i] = string.rep('x', i) end getmetatable('').__mode = 'k' "
                "collectgarbage() print(#s)") == "3\n");
}

TEST_CASE("lua: no text holds an address", "[lua][sandbox]") {
  for (const char* text : {"tostring({})",
                           "tostring(print)",
                           "tostring(string.rep)",
                           "tostring(coroutine.create(print))",
                           "string.format('%p', {})",
                           "string.format('%s', print)",
                           "string.format('%20p', {})",
                           "('%s'):format({})",
                           "tostring(_G)",
                           "tostring(io)",
                           "select(2, pcall(error, {}))",
                           "select(2, pcall(string.rep, {}))",
                           "select(2, pcall(function() return {} .. 'x' end))",
                           "table.concat({tostring({})})",
                           "tostring(pairs({}))",
                           "tostring(('x'):gmatch('x'))",
                           "string.format('%q', 1)",
                           "select(2, pcall(string.format, '%q', {}))",
                           "select(2, pcall(load, {}))",
                           "tostring(setmetatable({}, {__name = 'N'}))",
                           "select(2, pcall(next, {}, {}))",
                           "tostring(thread(print))"}) {
    INFO(text);
    const std::string shown = printed(std::string("local v = ") + text + " print(v)");
    CHECK(shown.find("0x") == std::string::npos);
    CHECK(shown.size() < 120);
    CHECK(printed(std::string("local v = ") + text + " print(v)") == shown);
  }
}

TEST_CASE("lua: protected things stay protected", "[lua][sandbox]") {
  CHECK(printed("local h = thread(print) print(getmetatable(h), pcall(setmetatable, h, {}))") ==
        "handle\tfalse\tbad argument #1 to 'setmetatable' (table expected, got handle)\n");
  CHECK(printed("print(pcall(join, {}))") ==
        "false\tbad argument #1 to 'join' (handle expected, got table)\n");
  CHECK(printed("print(pcall(join, io))") == "false\tbad argument #1 to 'join' (handle expected, got nil)\n");
  CHECK(printed("print(pcall(wait_until_blocked, coroutine.create(print)))") ==
        "false\tbad argument #1 to 'wait_until_blocked' (handle expected, got thread)\n");
  CHECK(printed("getmetatable('').__index = function() return 7 end print(('x').anything)") == "7\n");
  CHECK(printed("string.format = nil print(string.format, ('%d'):rep(2))") == "nil\t%d%d\n");
  CHECK(printed("pairs = nil next = nil tostring = nil print({}, 1)") == "table: 1\t1\n");
  CHECK(printed("_G.print('still')  _ENV = {print = print} print(_G)") == "still\nnil\n");
}

TEST_CASE("lua: limits cannot be caught", "[lua][sandbox]") {
  constexpr const char* kEnd = ": no call within 100000 instructions: the program is ended\nexit code 4\n";
  for (const char* program :
       {"while true do end",
        "pcall(function() while true do end end) print('caught')",
        "xpcall(function() while true do end end, print) print('caught')",
        "xpcall(function() while true do end end, function() while true do end end)",
        "coroutine.wrap(function() while true do end end)() print('caught')",
        "print(coroutine.resume(coroutine.create(function() while true do end end)))",
        "local t = setmetatable({}, {__index = function() while true do end end}) pcall(function() return "
        "t.x end)",
        "local x <close> = setmetatable({}, {__close = function() while true do end end})",
        "while true do pcall(error) end",
        "while true do coroutine.wrap(function() end)() end",
        "local function f() return f() end f()",
        "::again:: goto again",
        "for i = 1, math.huge do end",
        "while true do us(1) end",
        "while true do compute(0) end",
        "while true do print('x', 1, 2, 3) end",
        "while true do log() end",
        "while true do select('#') end",
        "join(thread(function() while true do end end))",
        "thread(function() while true do end end) nanosleep(1)"}) {
    INFO(program);
    const std::string shown = printed(program, {.instructions = 100'000});
    CHECK(shown.ends_with(kEnd));
    CHECK(shown.find("caught") == std::string::npos);
  }
  CHECK(printed("for i = 1, 100 do for j = 1, 10000 do end nanosleep(1) end print('done')",
                {.instructions = 100'000}) == "done\n");
}
