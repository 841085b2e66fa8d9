#include "sim/script/sandbox.hpp"

#include <catch2/catch.hpp>

using namespace stackscope::script;

namespace {

/// Eight workers accepted; a latency with its percentiles; one counter.
std::optional<Value> herd(std::string_view name) {
  if (name == "wakeups") return Table{"wakeups", {{"mean", 2.0}, {"n", 300}, {"p99", 8}}, {}};
  if (name == "accepts") return Table{"accepts", {{"1", 30}, {"2", 10}, {"10", 20}}, {}};
  if (name == "empty") return Table{"empty", {{"n", 0}}, {{"mean", "nothing was measured for empty"}}};
  if (name == "drops") return Value(7);
  return std::nullopt;
}

Evaluated run(std::string_view expression, Limits limits = {}) {
  return Sandbox{limits}.evaluate(expression, herd);
}

bool holds(std::string_view expression) {
  const Evaluated done = run(expression);
  if (const ScriptError* error = done.error()) FAIL(expression << ": " << error->message);
  const bool* answer = done.value()->get_if<bool>();
  return answer && *answer;
}

ScriptError error_of(std::string_view expression, Limits limits = {}) {
  const Evaluated done = run(expression, limits);
  if (!done.error()) FAIL(expression << " should have failed");
  return *done.error();
}

}  // namespace

TEST_CASE("an expression compares what was measured", "[sandbox]") {
  CHECK(holds("wakeups.mean == 2"));
  CHECK_FALSE(holds("wakeups.mean == 8"));
  CHECK(holds("accepts[1] + accepts[2] == 40"));
  CHECK(holds("#accepts == 3 and max(accepts) == 30 and min(accepts) == 10 and sum(accepts) == 60"));
  CHECK(holds("p99(wakeups) < ms(5)"));
  CHECK(holds("between(drops, 7, 9) and not between(drops, 8, 9)"));
  CHECK(holds("(function() local n = 0; for i = 1, 10 do n = n + i end; return n end)() == 55"));
}

TEST_CASE("units are integers, and fractions are rounded", "[sandbox]") {
  CHECK(holds("us(1.5) == 1500 and math.type(us(1.5)) == 'integer'"));
  CHECK(holds("s(1) == 1000 * ms(1) and ms(1) == 1000000 * ns(1) and MiB(1) == KiB(1024)"));
  CHECK(error_of("s(1e300)").message == "the quantity is too large");
  CHECK(error_of("s(math.maxinteger)").message == "the quantity is too large");
  CHECK(error_of("ms('5')").message == "a unit needs a number: ms(5)");
}

TEST_CASE("an unknown name is an error with a place, never nil", "[sandbox]") {
  const ScriptError name = error_of("1 == 1 and\n  drosp == nil");
  CHECK(name.fault == Fault::kName);
  CHECK(name.line == 2);
  CHECK(name.column == 3);
  const ScriptError field = error_of("wakeups.meen == 2");
  CHECK(field.message == "no `meen` in wakeups; did you mean `mean`? It has mean, n, p99");
  CHECK(field.column == 9);
  CHECK(error_of("accepts[3] == 1").message == "no `3` in accepts, which has 1, 2, 10");
  CHECK(error_of("string.find('a', 'a')").fault == Fault::kName);
}

TEST_CASE("what never happened has no mean", "[sandbox]") {
  const ScriptError error = error_of("empty.mean < 5");
  CHECK(error.fault == Fault::kAbsent);
  CHECK(error.message == "nothing was measured for empty");
  CHECK(holds("empty.n == 0"));
}

TEST_CASE("what an expression looked at is told", "[sandbox]") {
  const Evaluated done = run("wakeups.mean == 8 or accepts[10] > p99(wakeups) or wakeups.mean == drops");
  REQUIRE(done.seen.size() == 3);  // the third comparison is never reached
  CHECK(done.seen[0].name == "wakeups.mean");
  CHECK(*done.seen[0].value.get_if<double>() == 2.0);
  CHECK(done.seen[1].name == "accepts[10]");
  CHECK(done.seen[2].name == "wakeups.p99");
}

TEST_CASE("syntax errors stand under their token", "[sandbox]") {
  struct Case {
    std::string_view text;
    int line, column;
  };
  for (const Case& c : {Case{"drops = 5", 1, 7},
                        {"drops ==", 1, 9},
                        {"(1 + 2", 1, 7},
                        {"1 +* 2", 1, 4},
                        {"drops == 1\n  and and 2", 2, 7},
                        {"'open", 1, 1},
                        {"1 2", 1, 3},
                        {"3x == 1", 1, 1},
                        {"a.b.\"c\"", 1, 5},
                        {"f(]", 1, 3},
                        {"1 == 1)", 1, 7}}) {
    INFO(c.text);
    const ScriptError error = error_of(c.text);
    CHECK(error.fault == Fault::kSyntax);
    CHECK(std::pair(error.line, error.column) == std::pair(c.line, c.column));
  }
  CHECK(error_of("drops = 5").message == "`=` assigns; to compare, write `==`");
}

TEST_CASE("an expression has exactly one value", "[sandbox]") {
  CHECK(error_of("1, 2").message == "has 2 values, must have one");
  CHECK(error_of("").message == "has 0 values, must have one");
}

TEST_CASE("native functions may call the expression's own functions", "[sandbox]") {
  const Resolver counting = [](std::string_view name) -> std::optional<Value> {
    if (name != "count") return std::nullopt;
    return Value(Function{[](Call& call) -> Value {
      std::int64_t hits = 0;
      for (int i = 1; i <= 5; ++i) {
        const Value answer = call.invoke(*call.arguments[0].get_if<ScriptFunction>(), Value(i));
        hits += *answer.get_if<bool>();
      }
      return hits;
    }});
  };
  const Evaluated done = Sandbox{}.evaluate("count(function(i) return i > 2 end) == 3", counting);
  REQUIRE(done.value());
  CHECK(*done.value()->get_if<bool>());
  SECTION("whose errors arrive with their reason") {
    const Evaluated failed = Sandbox{}.evaluate("count(function(i) return i.x.y end)", counting);
    REQUIRE(failed.error());
    CHECK(failed.error()->message.find("attempt to index a n") == 0);
  }
  SECTION("whose recursion through C++ ends") {
    const Evaluated deep = Sandbox{}.evaluate(
        "(function() local f; f = function() return count(function() return f() end) end; return f() end)()",
        counting);
    REQUIRE(deep.error());
  }
  SECTION("and whose unknown names are found") {
    const Evaluated wrong = Sandbox{}.evaluate("count(function(i) return nope == i end)", counting);
    REQUIRE(wrong.error());
    CHECK(wrong.error()->fault == Fault::kName);
    CHECK(wrong.error()->column == 26);
  }
}

TEST_CASE("a native function that throws ends the expression, not the program", "[sandbox]") {
  const Resolver throwing = [](std::string_view) -> std::optional<Value> {
    return Value(Function{[](Call& call) -> Value { throw std::runtime_error("no " + call.text(0)); }});
  };
  CHECK(Sandbox{}.evaluate("f('luck')", throwing).error()->message == "no luck");
  CHECK(Sandbox{}.evaluate("f(5)", throwing).error()->message == "argument 1 must be a string, not a number");
  CHECK(Sandbox{}.evaluate("f()", throwing).error()->message == "argument 1 is missing: a string");
}

TEST_CASE("checking finds unknown names without running anything", "[sandbox]") {
  const std::vector<std::string> known{"drops",   "wakeups.mean",        "wakeups.n",
                                       "accepts", "request.latency.p99", "count"};
  const auto check = [&](std::string_view text) { return Sandbox{}.check(text, known); };
  CHECK(check("wakeups.mean == 2 and drops + accepts[1] > 0 and p99(request.latency) < ms(5)").empty());
  CHECK(check("count(function(r) local d = r.drosp; return d == r.length end) == 0").empty());
  CHECK(
      check("(function(k) for i, v in ipairs({a = 1, k}) do if i > v then return v end end end)()").empty());
  CHECK(check("(function() repeat local x = drops until x > 1; return true end)()").empty());
  CHECK(check("#wakeups == 2 and 2 == max(wakeups)").empty());

  SECTION("all of them, each with its place") {
    const auto errors = check("drosp == 1 and\n wakeups.maen == 2 or nonsense");
    REQUIRE(errors.size() == 3);
    CHECK(errors[0].message == "no `drosp` here; did you mean `drops`?");
    CHECK(errors[1].message == "no `maen` in wakeups; did you mean `mean`?");
    CHECK(std::pair(errors[1].line, errors[1].column) == std::pair(2, 10));
    CHECK(errors[2].message == "no `nonsense` here");
  }
  SECTION("even in a branch that would not run") {
    CHECK(check("drops == 1 or math.random() > 0").size() == 1);
  }
  SECTION("a scope that has ended hides nothing") {
    CHECK(check("(function(x) return x end)(1) == x").size() == 1);
    CHECK(check("(function() do local y = 1 end; return y end)()").size() == 1);
    CHECK(check("(function() if drops then local z end; return z end)()").size() == 1);
    CHECK(check("(function() for i = 1, 2 do end; return i end)()").size() == 1);
  }
  SECTION("a distribution compared as if it were a number") {
    REQUIRE(check("wakeups == 2").size() == 1);
    CHECK(check("wakeups == 2")[0].message == "`wakeups` holds several values; compare one of them: mean, n");
    CHECK(check("2 ~= request.latency").size() == 1);
  }
  SECTION("syntax first") {
    REQUIRE(check("drosp == ").size() == 1);
    CHECK(check("drosp == ")[0].fault == Fault::kSyntax);
    CHECK(check("  -- nothing").size() == 1);
  }
}
