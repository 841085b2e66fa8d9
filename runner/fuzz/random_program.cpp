#include "runner/fuzz/random_program.hpp"

#include <fmt/format.h>

namespace stackscope {

namespace {

// Values as text. Ports that the kernel chose are not compared: which one is free is a matter of chance.
constexpr std::string_view kPrinting = R"lua(local function text(v)
  if type(v) == "table" then
    local parts = {}
    for k, e in pairs(v) do parts[#parts + 1] = (math.type(k) and "" or k .. "=") .. text(e) end
    return "{" .. table.concat(parts, " ") .. "}"
  elseif type(v) ~= "string" then return tostring(v) end
  local host, port = v:match("^(.+):(%d+)$")
  if port and tonumber(port) >= 32768 then return host .. ":*" end
  return #v > 40 and string.format("#%d:%q", #v, v:sub(1, 8)) or string.format("%q", v)
end
function say(label, ...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = text((select(i, ...))) end
  print(label .. " " .. table.concat(parts, " "))
  return ...
end
-- a descriptor that there is not, where one should have been made
function made(...) if (...) == nil then return -1, -1 end return ... end
)lua";

// On one CPU, first come first served: then the order in which threads go on is determined.
constexpr std::string_view kSettling = R"lua(sched_setaffinity({0}); sched_setscheduler(SCHED_FIFO, 10)
local all, woken = {}, {}
function settle()
  wait_until_blocked(table.unpack(all))
  for i, t in ipairs(all) do
    local n = wakeups(t)
    if woken[i] and n ~= woken[i] then print("  thread " .. i .. " woken " .. n - woken[i]) end
    woken[i] = n
  end
end
function spawn(fn) all[#all + 1] = thread(fn) end
-- A FIN is acknowledged up to 44 ms later, which wakes whoever watches: this is waited for, or it would be a matter of speed.
function acknowledged(...) nanosleep(ms(50)) return ... end
)lua";

std::string line_of(const Statement& statement) {
  std::string line = statement.expression;
  if (!statement.label.empty()) line = fmt::format("say(\"{}\", {})", statement.label, line);
  return statement.results.empty() ? line : fmt::format("{} = made({})", statement.results, line);
}

}  // namespace

std::string to_lua(const RandomProgram& program) {
  std::string lua = fmt::format("-- stackscope fuzz: family {}, program {}\n", program.family, program.seed);
  lua += kPrinting;
  if (program.is_concurrent) lua += kSettling;
  lua += "\n";
  for (const Statement& statement : program.statements) {
    lua += line_of(statement) + (program.is_concurrent ? "; settle()\n" : "\n");
  }
  return lua;
}

}  // namespace stackscope
