// Coroutines. They run on the C stack of the thread that resumes them, and calls may be made inside them.

#include <lua.hpp>

#include "userland/lua/libraries.hpp"
#include "userland/lua/process.hpp"

namespace stackscope::lua {
namespace {

constexpr std::int64_t kStepsAResume = 100;  // the count of instructions begins anew in each coroutine
constexpr int kDeepest = 190;                // liblua counts to 200, but not when a coroutine is closed

lua_State* coroutine_argument(lua_State* lua) {
  lua_State* const coroutine = lua_tothread(lua, 1);
  if (coroutine == nullptr) luaL_typeerror(lua, 1, "coroutine");
  return coroutine;
}

/// The caller's thread runs `coroutine` from here on.
Thread& enter(lua_State* lua, lua_State* coroutine) {
  Thread& thread = thread_of(lua);
  Process::spend(lua, kStepsAResume);
  if (thread.depth >= kDeepest) luaL_error(lua, "C stack overflow");
  ++thread.depth;
  lend_to(coroutine, thread);
  return thread;
}

bool is_idle(lua_State* coroutine) {
  lua_Debug at;
  return lua_status(coroutine) == LUA_YIELD ||
         (lua_status(coroutine) == LUA_OK && lua_getstack(coroutine, 0, &at) == 0);
}

/// Returns how many results lie on `lua`, or −1 and an error on top.
int resume_with(lua_State* lua, lua_State* coroutine, int arguments) {
  if (!is_idle(coroutine) || !lua_checkstack(coroutine, arguments)) {
    const bool is_dead = lua_status(coroutine) != LUA_OK && lua_status(coroutine) != LUA_YIELD;
    lua_pushstring(lua, is_dead ? "cannot resume dead coroutine" : "cannot resume non-suspended coroutine");
    return -1;
  }
  Thread& thread = enter(lua, coroutine);
  lua_xmove(lua, coroutine, arguments);
  int results = 0;
  const int status = lua_resume(coroutine, lua, arguments, &results);
  --thread.depth;
  if (status != LUA_OK && status != LUA_YIELD) {
    Process::pass_on_limits(lua, status);
    lua_xmove(coroutine, lua, 1);
    return -1;
  }
  if (!lua_checkstack(lua, results + 1)) {
    lua_pop(coroutine, results);
    lua_pushliteral(lua, "too many results to resume");
    return -1;
  }
  lua_xmove(coroutine, lua, results);
  return results;
}

int resume(lua_State* lua) {
  lua_State* const coroutine = coroutine_argument(lua);
  const int results = resume_with(lua, coroutine, lua_gettop(lua) - 1);
  lua_pushboolean(lua, results >= 0);
  const int given = results >= 0 ? results : 1;
  lua_insert(lua, -(given + 1));
  return given + 1;
}

int close_with(lua_State* lua, lua_State* coroutine) {
  Thread& thread = enter(lua, coroutine);
  const int status = lua_resetthread(coroutine);
  --thread.depth;
  if (status != LUA_OK) Process::pass_on_limits(lua, status);
  return status;
}

/// What wrap() gives. Upvalue: the coroutine.
int resume_wrapped(lua_State* lua) {
  lua_State* const coroutine = lua_tothread(lua, lua_upvalueindex(1));
  const int results = resume_with(lua, coroutine, lua_gettop(lua));
  if (results >= 0) return results;
  const int status = lua_status(coroutine);
  if (status != LUA_OK && status != LUA_YIELD) {
    close_with(lua, coroutine);
    lua_pop(lua, 1);
    lua_xmove(coroutine, lua, 1);  // an error of a __close takes the first one's place
  }
  if (lua_type(lua, -1) == LUA_TSTRING) {
    luaL_where(lua, 1);
    lua_insert(lua, -2);
    lua_concat(lua, 2);
  }
  return lua_error(lua);
}

int create(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  lua_State* const coroutine = lua_newthread(lua);
  lend_to(coroutine, thread_of(lua));
  lua_pushvalue(lua, 1);
  lua_xmove(lua, coroutine, 1);
  return 1;
}

int wrap(lua_State* lua) {
  create(lua);
  lua_pushcclosure(lua, &resume_wrapped, 1);
  return 1;
}

const char* status_of(lua_State* lua, lua_State* coroutine) {
  if (lua == coroutine) return "running";
  if (lua_status(coroutine) == LUA_YIELD) return "suspended";
  if (lua_status(coroutine) != LUA_OK) return "dead";
  lua_Debug at;
  if (lua_getstack(coroutine, 0, &at) != 0) return "normal";
  return lua_gettop(coroutine) == 0 ? "dead" : "suspended";
}

int status(lua_State* lua) {
  lua_pushstring(lua, status_of(lua, coroutine_argument(lua)));
  return 1;
}

int close(lua_State* lua) {
  lua_State* const coroutine = coroutine_argument(lua);
  const char* const now = status_of(lua, coroutine);
  if (*now == 'r' || *now == 'n') return luaL_error(lua, "cannot close a %s coroutine", now);
  if (close_with(lua, coroutine) == LUA_OK) return lua_pushboolean(lua, 1), 1;
  lua_pushboolean(lua, 0);
  lua_xmove(coroutine, lua, 1);
  return 2;
}

bool is_thread_itself(lua_State* lua) { return thread_of(lua).lua == lua; }

int yield(lua_State* lua) {
  if (is_thread_itself(lua)) return luaL_error(lua, "attempt to yield from outside a coroutine");
  return lua_yield(lua, lua_gettop(lua));
}

int is_yieldable(lua_State* lua) {
  lua_State* const asked = lua_isnone(lua, 1) ? lua : coroutine_argument(lua);
  lua_pushboolean(lua, lua_isyieldable(asked) && thread_of(asked).lua != asked);
  return 1;
}

int running(lua_State* lua) {
  lua_pushthread(lua);
  lua_pushboolean(lua, is_thread_itself(lua));
  return 2;
}

constexpr luaL_Reg kOwn[] = {{"create", &create},
                             {"wrap", &wrap},
                             {"resume", &resume},
                             {"yield", &yield},
                             {"status", &status},
                             {"close", &close},
                             {"isyieldable", &is_yieldable},
                             {"running", &running},
                             {nullptr, nullptr}};

}  // namespace

void open_coroutines(lua_State* lua) { luaL_setfuncs(lua, kOwn, 0); }

}  // namespace stackscope::lua
