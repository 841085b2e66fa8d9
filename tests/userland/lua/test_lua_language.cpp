// Lua as programs here find it: what differs from liblua, and what must not.

#include <catch2/catch.hpp>

#include "tests/userland/lua/lua_machine.hpp"

using namespace stackscope;
using namespace stackscope::test;

TEST_CASE("lua: print puts tabs between values and shows no address", "[lua]") {
  CHECK(printed("print('a', 1, 1.0, -0.0, 1e100, nil, true, 2^53)") ==
        "a\t1\t1.0\t-0.0\t1e+100\tnil\ttrue\t9.007199254741e+15\n");
  CHECK(printed("print() print('a\\0b' == 'a\\0b')") == "\ntrue\n");
  CHECK(printed("local t, f = {}, print print(f, t) print(t) print(f)") ==
        "function: 1\ttable: 2\ntable: 2\nfunction: 1\n");
  CHECK(printed("print(coroutine.create(print)) print(setmetatable({}, {__name = 'Point'}))") ==
        "thread: 1\nPoint: 2\n");
  CHECK(printed("print(setmetatable({}, {__tostring = function() return 'me' end}))") == "me\n");
  CHECK(printed("print(pcall(tostring, setmetatable({}, {__tostring = function() return {} end})))") ==
        "false\t'__tostring' must return a string\n");
}

TEST_CASE("lua: string.format shows ordinals for %p and %s", "[lua]") {
  CHECK(printed("local t = {} print(string.format('%s %p|%10p|%-5p|', t, t, t, t))") ==
        "table: 1 1|         1|1    |\n");
  CHECK(printed("print(string.format('%p %p %p', 1, nil, true))") == "(null) (null) (null)\n");
  CHECK(printed("print(string.format('%p', 'a') == string.format('%p', 'a'))") == "true\n");
  CHECK(
      printed(
          "print(string.format('%5d|%-5s|%05.1f|%x|%q|%%|%c|%i', 42, 'ab', 3.14159, 255, 'a\\nb', 65, 7))") ==
      "   42|ab   |003.1|ff|\"a\\\nb\"|%|A|7\n");
  CHECK(printed("print(pcall(string.format, '%d'))") ==
        "false\tbad argument #2 to 'string.format' (no value)\n");
  CHECK(printed("print(pcall(string.format, '%y', 1))") == "false\tinvalid conversion '%y' to 'format'\n");
}

TEST_CASE("lua: pairs and next go by numbers, strings, false, true", "[lua]") {
  CHECK(printed("for k in pairs{z=1, a=1, [3]=1, [1]=1, [-2.5]=1, [true]=1, [false]=1, [2]=1, ['']=1} do "
                "print(k) end") == "-2.5\n1\n2\n3\n\na\nz\nfalse\ntrue\n");
  CHECK(printed(
            "local t = {10, 20, x = 30} local k, v = next(t) while k do print(k, v) k, v = next(t, k) end") ==
        "1\t10\n2\t20\nx\t30\n");
  CHECK(printed("print(next({}), next({}, 'gone'))") == "nil\tnil\n");
  CHECK(printed("local t = {a=1, b=2, c=3} for k in pairs(t) do print(k) t[k] = nil t.b = nil end "
                "print(next(t))") == "a\nc\nnil\n");
  CHECK(printed("print(pcall(function() for _ in pairs{[{}] = 1, a = 2} do end end))") ==
        "false\tprog.lua:1: only keys that are numbers, strings or booleans have a definite order: keep a "
        "list of the others\n");
  CHECK(printed("for k, v in pairs(setmetatable({}, {__pairs = function() return ipairs{7} end})) do "
                "print(k, v) end") == "1\t7\n");
  CHECK(printed("local big = 2^53|0 for k in pairs{[big+1]=1, [2.0^53]=1, [math.maxinteger]=1, [2.0^63]=1, "
                "[-math.huge]=1} "
                "do print(k) end") ==
        "-inf\n9007199254740992\n9007199254740993\n9223372036854775807\n9.2233720368548e+18\n");
}

TEST_CASE("lua: sort is stable and no order function leads it astray", "[lua]") {
  CHECK(printed("local t = {5, 2, 8, 1, 9, 3} table.sort(t) print(table.concat(t, ' '))") == "1 2 3 5 8 9\n");
  CHECK(printed(
            "local t = {'b1', 'a1', 'b2', 'a2', 'b3'} "
            "table.sort(t, function(x, y) return x:sub(1,1) < y:sub(1,1) end) print(table.concat(t, ' '))") ==
        "a1 a2 b1 b2 b3\n");
  CHECK(printed(
            "local t = {3, 1, 2} table.sort(t, function() return true end) print(#t, t[1] + t[2] + t[3])") ==
        "3\t6\n");
  CHECK(printed("print(pcall(table.sort, {1, 'x', 2}))") == "false\tattempt to compare string with number\n");
  CHECK(printed("local t = {} for i = 1, 1000 do t[i] = (i * 7919) % 1009 end table.sort(t) "
                "for i = 2, #t do assert(t[i-1] <= t[i]) end print('sorted')") == "sorted\n");
}

TEST_CASE("lua: the table library does what Lua's manual says", "[lua]") {
  CHECK(printed("local t = {1,2,3} table.insert(t, 4) table.insert(t, 1, 0) print(table.concat(t, ','), "
                "table.remove(t), "
                "table.remove(t, 1), table.concat(t, ','))") == "0,1,2,3,4\t4\t0\t1,2,3\n");
  CHECK(printed("print(pcall(table.insert, {1}, 5, 'x'))") ==
        "false\tbad argument #2 to 'table.insert' (position out of bounds)\n");
  CHECK(printed("print(table.remove({}), pcall(table.remove, {1, 2}, 7))") ==
        "nil\tfalse\tbad argument #2 to 'table.remove' (position out of bounds)\n");
  CHECK(printed("print(table.concat(table.move({1,2,3}, 1, 3, 2), ','), table.concat(table.move({1,2,3}, 2, "
                "3, 1), ','))") == "1,1,2,3\t2,3,3\n");
  CHECK(printed("print(table.unpack({1, 2, 3}, 2)) print(select('#', table.unpack({}, 1, 3))) "
                "print(table.pack(1, nil).n)") == "2\t3\n3\n2\n");
  CHECK(printed("print(pcall(table.concat, {1, {}, 3}))") ==
        "false\tinvalid value (at index 2) in table for 'concat'\n");
  CHECK(printed("print(select(-1, 1, 2, 3), select(2, 'a', 'b', 'c')) print(pcall(select, 0))") ==
        "3\tb\tc\nfalse\tbad argument #1 to 'select' (index out of range)\n");
}

TEST_CASE("lua: patterns match as liblua's do", "[lua][pattern]") {
  const std::pair<const char*, const char*> kCases[] = {
      {"('hello world'):find('o w')", "5\t7"},
      {"('hello'):find('l+')", "3\t4"},
      {"('hello'):find('xyz')", "nil"},
      {"('hello'):find('')", "1\t0"},
      {"('hello'):find('', 10)", "nil"},
      {"('hello'):find('l', -2)", "4\t4"},
      {"('a.b'):find('.', 1, true)", "2\t2"},
      {"('key = value'):match('^(%w+)%s*=%s*(%w+)$')", "key\tvalue"},
      {"('[[x]]'):match('%[%[(.-)%]%]')", "x"},
      {"('f(a(b)c)d'):match('%b()')", "(a(b)c)"},
      {"('THE (quick) fox'):find('%((%a+)%)')", "5\t11\tquick"},
      {"('hello'):match('()ll()')", "3\t5"},
      {"('\"a\" b'):match('([\"\\'])(.-)%1')", "\"\ta"},
      {"('THE (quick) fox'):gsub('%f[%a]%a+', string.lower)", "the (quick) fox\t3"},
      {"('abc'):gsub('', '-')", "-a-b-c-\t4"},
      {"('abc'):gsub('%w', '%0%0')", "aabbcc\t3"},
      {"('abc'):gsub('%w', '%%')", "%%%\t3"},
      {"('hello world'):gsub('o', {o = '0'})", "hell0 w0rld\t2"},
      {"('hello'):gsub('l', false and 1 or function() end)", "hello\t2"},
      {"('abc'):gsub('b', '[%1]')", "a[b]c\t1"},
      {"('aaa'):gsub('a', 'b', 2)", "bba\t2"},
      {"('x^2'):gsub('^x', 'y')", "y^2\t1"},
      {"('a-b'):match('[a%-]+')", "a-"},
      {"('a]b'):match('[]]')", "]"},
      {"('abc'):match('[^a-b]')", "c"},
      {"('  trim  '):match('^%s*(.-)%s*$') .. '|'", "trim|"},
      {"('0x1F'):match('^0[xX](%x+)$')", "1F"},
      {"pcall(string.find, 'a', '[a')", "false\tmalformed pattern (missing ']')"},
      {"pcall(string.find, 'a', '%')", "false\tmalformed pattern (ends with '%')"},
      {"pcall(string.match, 'a', '(a')", "false\tunfinished capture"},
      {"pcall(string.match, 'a', 'a)')", "false\tinvalid pattern capture"},
      {"pcall(string.match, 'a', '%1')", "false\tinvalid capture index %1"},
      {"pcall(string.find, 'a', '%f')", "false\tmissing '[' after '%f' in pattern"},
      {"pcall(string.find, 'a', '%b')", "false\tmalformed pattern (missing arguments to '%b')"},
      {"pcall(string.gsub, 'a', 'a', '%2')", "false\tinvalid capture index %2 in replacement string"},
      {"pcall(string.gsub, 'a', 'a', '%x')", "false\tinvalid use of '%' in replacement string"},
      {"pcall(string.gsub, 'a', 'a', function() return {} end)",
       "false\tinvalid replacement value (a table)"},
  };
  for (const auto& [call, result] : kCases) {
    INFO(call);
    CHECK(printed(std::string("print(") + call + ")") == std::string(result) + "\n");
  }
  CHECK(printed("for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do print(k, v) end") == "a\t1\nb\t2\n");
  CHECK(printed("for w in ('one two'):gmatch('%a*') do print('<' .. w .. '>') end") == "<one>\n<two>\n");
}

TEST_CASE("lua: coroutines, with protected calls and closing", "[lua][coroutine]") {
  CHECK(
      printed("local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end) "
              "print(coroutine.resume(co, 1)) print(coroutine.resume(co, 21)) print(coroutine.resume(co))") ==
      "true\t2\ntrue\t42\nfalse\tcannot resume dead coroutine\n");
  CHECK(printed("local co = coroutine.wrap(function() print(pcall(function() coroutine.yield(1) "
                "error('late', 0) end)) end) "
                "print(co()) co()") == "1\nfalse\tlate\n");
  CHECK(printed("local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = "
                "function() print('closed') "
                "end}) coroutine.yield() end) coroutine.resume(co) print(coroutine.close(co), "
                "coroutine.status(co))") == "closed\ntrue\tdead\n");
  CHECK(printed("print(coroutine.isyieldable(), select(2, coroutine.running()), pcall(coroutine.yield))") ==
        "false\ttrue\tfalse\tattempt to yield from outside a coroutine\n");
  CHECK(printed("local co = coroutine.wrap(function() error('bad') end) print(pcall(co))") ==
        "false\tprog.lua:1: bad\n");
  CHECK(printed("local co co = coroutine.create(function() print(coroutine.resume(co)) "
                "print(coroutine.status(co)) end) "
                "coroutine.resume(co)") == "false\tcannot resume non-suspended coroutine\nrunning\n");
  CHECK(printed("local co = coroutine.wrap(function() nanosleep(ms(1)) coroutine.yield(clock_gettime()) end) "
                "print(co())") == "1000000\n");
}

TEST_CASE("lua: math.random is Lua's own, from seed 1", "[lua]") {
  const std::string first = printed("print(math.random(1, 1000), math.random(1, 1000))");
  CHECK(printed("math.randomseed(1) print(math.random(1, 1000), math.random(1, 1000))") == first);
  CHECK(printed("math.random() math.randomseed() print(math.random(1, 1000), math.random(1, 1000))") ==
        first);
  CHECK(printed("math.randomseed(2) print(math.random(1, 1000), math.random(1, 1000))") != first);
}

TEST_CASE("lua: utf8 and packed strings", "[lua]") {
  CHECK(printed("for p, c in utf8.codes('aé€') do print(p, c) end") == "1\t97\n2\t233\n4\t8364\n");
  CHECK(printed("print(utf8.len('aé€'), utf8.codepoint('é', 1), utf8.char(233, 8364), utf8.offset('aé€', 3), "
                "utf8.offset('aé€', -1), utf8.offset('aé', 5))") == "3\t233\té€\t4\t4\tnil\n");
  CHECK(printed("print(pcall(function() for _ in utf8.codes('\\xff') do end end))") ==
        "false\tinvalid UTF-8 code\n");
  CHECK(printed("print(string.unpack('<I8', string.pack('<I8', 77)))") == "77\t9\n");
}

TEST_CASE("lua: constants have their C names, and one that is not there is an error", "[lua]") {
  CHECK(printed("print(EPOLLET, EPOLLIN | EPOLLEXCLUSIVE, SOL_SOCKET, MSG_DONTWAIT)") ==
        "2147483648\t268435457\t1\t64\n");
  CHECK(printed("print(EPOLLEXCLUSVE)") ==
        "prog.lua:1: no constant EPOLLEXCLUSVE in this build; did you mean EPOLLEXCLUSIVE?\n"
        "stack traceback:\n\t[C]: in metamethod 'index'\n\tprog.lua:1: in main chunk\nexit code 1\n");
  CHECK(printed("print(pcall(function() return NOTHING_LIKE_IT_AT_ALL end))") ==
        "false\tprog.lua:1: no constant NOTHING_LIKE_IT_AT_ALL in this build\n");
  CHECK(printed("print(undefined, Undefined, X)") == "nil\tnil\tnil\n");
}

TEST_CASE("lua: results, failures and wrong types", "[lua]") {
  CHECK(printed("print(close(77))") == "nil\tEBADF\n");
  CHECK(printed("print(dup(1))") == "nil\tENOSYS\n");
  CHECK(printed("print(read(99, -1))") == "nil\tEBADF\n");
  CHECK(printed("print(pcall(close, 'x'))") ==
        "false\tbad argument #1 to 'close' (number expected, got string)\n");
  CHECK(printed("print(pcall(bind, 3, 'nowhere'))") ==
        "false\tbad argument #2 to 'bind' ('nowhere' is no address such as 127.0.0.1:80)\n");
  CHECK(printed("print(us(1.5), ms(2), s(3), us(0.0004))") == "1500\t2000000\t3000000000\t0\n");
  CHECK(printed("local r, w = pipe() print(write(w, 'a\\0b')) print(#read(r, 100))") == "3\n3\n");
  CHECK(printed("local r, w = pipe() close(w) print(read(r, 1) == '')") == "true\n");
  CHECK(printed("print(nstat('TcpExtListenOverflows')) print(pcall(nstat, 'Nonsense'))") ==
        "0\nfalse\tno counter Nonsense here\n");
}

TEST_CASE("lua: an error that nobody catches says where it was", "[lua]") {
  CHECK(printed("local function inner() error('broken') end\nlocal function outer() inner() end\nouter()") ==
        "prog.lua:1: broken\nstack traceback:\n\t[C]: in function 'error'\n\tprog.lua:1: in upvalue 'inner'\n"
        "\tprog.lua:2: in local 'outer'\n\tprog.lua:3: in main chunk\nexit code 1\n");
  CHECK(printed("error({})").starts_with("(error object is a table value)\n"));
  CHECK(
      printed("error(setmetatable({}, {__tostring = function() return 'told' end}))").starts_with("told\n"));
  CHECK(printed("error()").starts_with("(error object is a nil value)\n"));
  LuaProgram program({"prog.lua", "x = \n\n= 3"});
  REQUIRE(program.compile_error());
  CHECK(*program.compile_error() == "prog.lua:3: unexpected symbol near '='");
  CHECK(printed("x = (") == "prog.lua:1: unexpected symbol near <eof>\nexit code 1\n");
  CHECK(printed("#!/usr/bin/stackscope\nprint('second line')\nerror('third')")
            .starts_with("second line\nprog.lua:3: third\n"));
}
