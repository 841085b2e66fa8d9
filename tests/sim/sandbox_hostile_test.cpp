// Expressions that mean harm: each must end as an error, soon, and leave nothing behind.

#include <catch2/catch.hpp>

#include "sim/script/sandbox.hpp"

using namespace stackscope::script;

namespace {

std::optional<Value> one_table(std::string_view name) {
  if (name == "t") return Table{"t", {{"n", 1}}, {}};
  return std::nullopt;
}

Evaluated run(std::string_view expression, Limits limits = {}) {
  return Sandbox{limits}.evaluate(expression, one_table);
}

std::string repeated(std::string_view part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

Limits few(std::int64_t instructions) {
  Limits limits;
  limits.instructions = instructions;
  return limits;
}

/// Each of them is an error.
void check_refused(std::initializer_list<const char*> texts) {
  for (const char* text : texts) {
    INFO(text);
    CHECK(run(text).error());
  }
}

}  // namespace

TEST_CASE("loops end at the instruction limit", "[sandbox][hostile]") {
  for (const char* text :
       {"(function() while true do end end)()", "(function() ::again:: goto again end)()",
        "(function() repeat until false end)()", "(function() for i = 1, math.huge do end end)()",
        "(function() local f; f = function() return f() end; return f() end)()",
        "(function() local s = ''; while true do s = ('x'):rep(4000) end end)()"}) {
    INFO(text);
    const Evaluated done = run(text, few(1'000'000));
    REQUIRE(done.error());
    CHECK(done.error()->fault == Fault::kLimit);
    CHECK(done.error()->message == "took more than 1000000 instructions");
  }
}

TEST_CASE("memory is dear as well as scarce", "[sandbox][hostile]") {
  for (const char* text :
       {"(function() local s = 'x'; while true do s = s .. s end end)()", "('x'):rep(1 << 40)",
        "('x'):rep(100000)", "(function() local t = {}; for i = 1, 1e9 do t[i] = i end end)()",
        "(function() local t = {}; for i = 1, 1e9 do t[i] = {} end end)()",
        "(function() local t = {}; for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end end)()",
        "(function() local function f(...) return f(1, ...) end; return f() end)()"}) {
    INFO(text);
    const Evaluated done = run(text);
    REQUIRE(done.error());
    CHECK(done.error()->message.size() < 200);
  }
  CHECK(run("(''):rep(1 << 62) == ''").value());  // nothing, for a very long time, is over at once
}

TEST_CASE("depth ends as an error", "[sandbox][hostile]") {
  const std::vector<std::string> texts{repeated("(", 10'000) + "1" + repeated(")", 10'000),
                                       repeated("{", 10'000),
                                       repeated("not ", 16'000 / 4),
                                       repeated("-", 2) + "\n" + repeated("- ", 5'000) + "1",
                                       "1" + repeated("^1", 5'000),
                                       repeated("function() ", 1'000),
                                       "1" + repeated("..1", 5'000),
                                       repeated("x[", 5'000),
                                       repeated("f{", 5'000),
                                       repeated("[", 10'000),
                                       "(function() local function f() return 1 + f() end; return f() end)()",
                                       repeated("x.", 5'000),
                                       "'" + repeated("\\z", 7'000)};
  for (const std::string& text : texts) {
    INFO(text.substr(0, 40));
    REQUIRE(run(text).error());
    CHECK(run(text).error()->message.size() < 300);
    if (text.find("local") == std::string::npos) CHECK_FALSE(Sandbox{}.check(text, {}).empty());
  }
  CHECK(run(std::string(100'000, ' ') + "1").error()->fault == Fault::kLimit);
}

TEST_CASE("no way out to the system, to code or to the collector", "[sandbox][hostile]") {
  check_refused({"os.execute('true')", "os.time()", "io.open('/etc/passwd')", "io.popen('true')",
                 "require('os')", "package.loadlib('x', 'y')", "package.loaded.os", "debug.getregistry()",
                 "debug.sethook()", "debug.getinfo(1)", "debug.getupvalue(print, 1)", "load('return 1')()",
                 "loadstring('return 1')()", "loadfile('/etc/passwd')", "dofile('/etc/passwd')",
                 "collectgarbage('stop')", "collectgarbage('count')",
                 "setmetatable({}, {__gc = function() end})", "getmetatable('').__index"});
}

TEST_CASE("no way around the tables that are shown", "[sandbox][hostile]") {
  check_refused(
      {"rawset(t, 'n', 2)", "rawget(_G, 'os')", "_G.os", "_G", "_ENV.os", "_ENV.setmetatable", "_ENV"});
}

TEST_CASE("what a library would offer is not there", "[sandbox][hostile]") {
  check_refused({"coroutine.wrap(function() end)()",
                 "coroutine.running()",
                 "pcall(function() end)",
                 "xpcall(function() end, function() end)",
                 "error('x')",
                 "assert(false)",
                 "print('x')",
                 "warn('@on')",
                 "next({})",
                 "pairs({})",
                 "rawequal(1, 1)",
                 "rawlen({})",
                 "string.dump(function() end)",
                 "('x').dump",
                 "('x'):find('x')",
                 "('x'):gsub('x', 'y')",
                 "('x'):match('x')",
                 "('x'):gmatch('x')",
                 "string.pack('i', 1)",
                 "('x'):unpack()",
                 "table.concat({})",
                 "table.unpack({1})",
                 "table.sort({})",
                 "utf8.char(65)",
                 "math.random()",
                 "math.randomseed(1)",
                 "math.sin(1)",
                 "math.exp(1)",
                 "string.format('%p', 'x')",
                 "string.format('%10p', 'x')",
                 "string.format('%s', {})",
                 "('%s'):format(function() end)",
                 "string.format('%s', t)"});
}

TEST_CASE("nothing can be changed, and no metatable reached", "[sandbox][hostile]") {
  check_refused({"(function() t.n = 2 end)()",
                 "(function() x = 2 end)()",
                 "(function() _ENV = {} return os end)()",
                 "string.x",
                 "t.__index",
                 "t.__gc",
                 "t.__metatable",
                 "('x').__index",
                 "t()",
                 "t + 1",
                 "t < t",
                 "t .. 'x'",
                 "-t",
                 "t[{}]",
                 "t[1.5]",
                 "t[nil]",
                 "\"\\27Lua\"()",
                 "\x1bLuaS",
                 "select(-5)",
                 "...",
                 "_ENV",
                 "(function(...) return ... end)(1)",
                 "(function() local _ENV = {} return os end)()",
                 "('x'):byte(2)",
                 "tonumber('9', 99)",
                 "1 // 0",
                 "1 % 0",
                 "1 < 'x'",
                 "{} < {}"});
}

TEST_CASE("addresses are not to be seen", "[sandbox][hostile]") {
  const auto text = [](const char* expression) { return *run(expression).value()->get_if<std::string>(); };
  CHECK(text("tostring({})") == "table");
  CHECK(text("tostring(t)") == "table");
  CHECK(text("tostring(function() end)") == "function");
  CHECK(text("tostring(tostring)") == "function");
  CHECK(text("type(t) .. type(between) .. type(1)") == "tablefunctionnumber");
  CHECK(text("string.format('%5.1f|%d|%s|%%p', 2.25, 3, true)") == "  2.2|3|true|%p");
}

TEST_CASE("one expression cannot prepare the ground for the next", "[sandbox][hostile]") {
  const Sandbox sandbox;
  const auto holds = [&](const char* text) {
    const Evaluated done = sandbox.evaluate(text, one_table);
    return done.value() && *done.value()->get_if<bool>();
  };
  CHECK(holds("(function() math.floor = function() return 7 end; return math.floor(1.5) == 7 end)()"));
  CHECK(holds("math.floor(1.5) == 1"));
}

TEST_CASE("limits hold inside functions that C++ calls back", "[sandbox][hostile]") {
  const Resolver calling = [](std::string_view name) -> std::optional<Value> {
    if (name != "each") return std::nullopt;
    return Value(Function{[](Call& call) -> Value {
      for (;;) call.invoke(*call.arguments[0].get_if<ScriptFunction>(), Value(1));
    }});
  };
  for (const char* text : {"each(function() while true do end end)", "each(function() end)",
                           "each(function() local s = 'x'; while true do s = s .. s end end)",
                           "each(function() return {} .. 1 end)"}) {
    INFO(text);
    CHECK(Sandbox{few(1'000'000)}.evaluate(text, calling).error());
  }
}

TEST_CASE("a table that holds itself many times over does not become large outside", "[sandbox][hostile]") {
  const char* text =
      "(function() local t = {1}; for level = 1, 7 do local u = {}; for i = 1, 900 do u[i] = t end; t = u "
      "end; return t end)()";
  REQUIRE(run(text).error());
  CHECK(run(text).error()->message == "a table is too large");
  REQUIRE(run("(function() local t = {}; t[1] = t; return t end)()").error());
}

TEST_CASE("a thousand wrong names are not a thousand errors", "[sandbox][hostile]") {
  const auto errors =
      Sandbox{}.check(repeated("x + ", 1'000) + "1", std::vector<std::string>(500, "something"));
  CHECK(errors.size() == 20);
}

TEST_CASE("any truncation of a valid expression is an error or a value, never a crash",
          "[sandbox][hostile]") {
  const std::string text =
      "(function(a, b) local x <const> = {k = 'v', [1] = [==[long]==], --[[c]] 0x1p4}; for i = 1, 3 do if "
      "i > 2 "
      "then return t.n end end; repeat local y = b until y; return ('x'):rep(2) ~= \"\\x41\" end)(1, 2) == "
      "1 -- end";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string_view part = std::string_view{text}.substr(0, length);
    const Evaluated done = run(part);
    CHECK((done.error() || done.value()));
    Sandbox{}.check(part, {});
  }
}
