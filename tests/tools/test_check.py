"""tools/check.py finds each planted violation, at its line, and is silent on what only looks like one."""

import contextlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import check  # noqa: E402
from checks import cpp, texts  # noqa: E402
from checks.tree import Tree  # noqa: E402


class PlantedTree(unittest.TestCase):
    """A small tree of its own, in which every test plants what it needs."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)

    def plant(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def findings(self):
        if not (self.root / texts.DIFFERENCES).exists():
            self.plant(texts.DIFFERENCES, texts.differences(Tree(self.root)))
        return [(f.path, f.line, f.rule) for f in check.findings(self.root)]

    def assert_found(self, path, text, rule, line=1):
        self.plant(path, text)
        self.assertEqual(self.findings(), [(path, line, rule)])

    def assert_clean(self, path, text):
        self.plant(path, text)
        self.assertEqual(self.findings(), [])


class Floors(PlantedTree):
    FORBIDDEN = [
        ("sim/a.cpp", "kernel_model/host.hpp"),
        ("kernel_model/a.cpp", "userland/echo.hpp"),
        ("kernel_model/a.cpp", "analysis/view.hpp"),
        ("userland/a.cpp", "kernel_model/readiness/epoll.hpp"),
        ("userland/a.cpp", "analysis/view.hpp"),
        ("analysis/a.cpp", "kernel_model/host.hpp"),
        ("analysis/a.cpp", "kernel_model/syscalls.hpp"),
        ("measure/a.cpp", "runner/session.hpp"),
        ("runner/a.cpp", "gui/window.hpp"),
        ("gui/a.cpp", "kernel_model/host.hpp"),
        ("gui/a.cpp", "runner/reader.hpp"),
        ("kernel_model/net/a.cpp", "kernel_model/scheduler/task.hpp"),
        ("kernel_model/net/tcp/a.cpp", "kernel_model/hardware/cpu.hpp"),
        ("kernel_model/timers/a.cpp", "kernel_model/files/socket.hpp"),
        ("kernel_model/vocabulary/a.cpp", "kernel_model/costs.hpp"),
        ("kernel_model/syscalls.cpp", "kernel_model/files/file.hpp"),
        ("kernel_model/crowd.cpp", "kernel_model/net/tcp_stack.hpp"),
    ]
    ALLOWED = [
        ("kernel_model/a.cpp", "sim/engine.hpp"),
        ("userland/a.cpp", "kernel_model/syscalls.hpp"),
        ("userland/a.cpp", "kernel_model/crowd.hpp"),
        ("userland/a.cpp", "kernel_model/vocabulary/ids.hpp"),
        ("analysis/a.cpp", "kernel_model/vocabulary/ids.hpp"),
        ("runner/a.cpp", "kernel_model/host.hpp"),
        ("gui/a.cpp", "runner/session.hpp"),
        ("gui/a.cpp", "runner/session_thread.hpp"),
        ("kernel_model/net/a.cpp", "kernel_model/hardware/nic.hpp"),
        ("tests/sim/a.cpp", "kernel_model/host.hpp"),
    ]

    def test_what_stands_above_or_beside_is_refused(self):
        for path, include in self.FORBIDDEN:
            with self.subTest(path=path, include=include):
                self.assert_found(path, f'\n#include "{include}"\n', "floors", 2)
                (self.root / path).unlink()

    def test_what_stands_below_is_welcome(self):
        for path, include in self.ALLOWED:
            with self.subTest(path=path, include=include):
                self.assert_clean(path, f'#include "{include}"\n')
                (self.root / path).unlink()

    def test_includes_in_comments_do_not_count(self):
        self.assert_clean("sim/a.cpp", '// #include "kernel_model/host.hpp"\n/*\n#include "gui/a.hpp"\n*/\n')

    def test_includes_are_written_from_the_root(self):
        self.plant("sim/b.hpp", "#pragma once\n")
        self.assert_found("sim/a.cpp", '#include "b.hpp"\n', "floors")

    def test_only_the_window_knows_sdl(self):
        self.assert_found("runner/a.cpp", "#include <SDL2/SDL.h>\n", "floors")

    def test_sim_has_never_heard_of_a_network(self):
        self.assert_found("sim/a.cpp", "#include <sys/socket.h>\n", "floors")
        self.assert_found("sim/a.cpp", "// a socket\nvoid on_tcp_segment();\n", "floors", 2)

    def test_a_target_links_only_what_stands_below(self):
        links = "stackscope_floor(sim LINKS fmt::fmt)\nstackscope_floor(sim LINKS runner) # up\n"
        self.assert_found("CMakeLists.txt", links, "floors", 2)
        self.assert_found("CMakeLists.txt", "target_link_libraries(stackscope PRIVATE SDL2::SDL2)\n", "floors")
        self.assert_clean("CMakeLists.txt", "target_link_libraries(stackscope-gui PRIVATE runner SDL2::SDL2)\n")


class Bans(PlantedTree):
    FORBIDDEN = [
        ("clock", "auto t = std::chrono::steady_clock::now();"),
        ("clock", "void f() { long t = time(nullptr); }"),
        ("clock", "long f() { return ::time(0); }"),
        ("clock", "void f() {\n  clock_gettime(CLOCK_MONOTONIC, &now);\n}"),
        ("clock", "void f() { gettimeofday(&now, nullptr); }"),
        ("clock", "const auto t = __rdtsc();"),
        ("random", "void f() { std::uniform_int_distribution<int> d; }"),
        ("random", "void f() { std::mt19937 generator; }"),
        ("random", "void f() { const std::random_device device; }"),
        ("random", "int f() { return rand(); }"),
        ("random", "void f() { std::shuffle(a, b, g); }"),
        ("unordered", "void f(const std::unordered_map<int, int>& m);"),
        ("unordered", "void f(std::hash<int> h);"),
        ("pointer-order", "class A {\n  std::map<Task*, int> m_;\n};"),
        ("pointer-order", "class A {\n  std::set<const Task*> m_;\n};"),
        ("pointer-order", "std::uint64_t f() { return reinterpret_cast<std::uintptr_t>(p); }"),
        ("float", "void f(double x);"),
        ("float", "const auto kShare = 0.5;"),
        ("float", "const auto kShare = 1e9;"),
        ("thread", "void f(std::atomic<int>& n);"),
        ("thread", "void f(std::mutex& m);"),
        ("logging", 'void f() { std::printf("x"); }'),
        ("logging", 'void f() { std::cout << "x"; }'),
        ("logging", 'void f() { fmt::print("x"); }'),
        ("global", "int counter = 0;"),
        ("global", "namespace a {\nstd::vector<int> all;\n}"),
        ("global", "std::array<int, 3> table{1, 2, 3};"),
        ("global", 'const char* name = "";'),
        ("global", "__extension__ __int128 wide = 0;"),
        ("global", "int f() {\n  static int calls = 0;\n  return ++calls;\n}"),
        ("global", "class A {\n  static int count_;\n};"),
        ("global", "class A {\n  static inline std::map<int, int> all_;\n};"),
    ]
    HARMLESS = [
        "// std::mt19937, double, rand(), steady_clock\n",
        "/* int counter = 0;\n   time(nullptr) */\n",
        'const std::string_view kText = "double x = rand(); // steady_clock";\n',
        'const auto kText = R"(std::mt19937 " rand(); )";\n',
        "const int kMillion = 1'000'000;\nconst char kQuote = '\"';\nint f(); // 'double'\n",
        "int f(Syscalls& os) { return os.clock_gettime(CLOCK_MONOTONIC, &now); }\n",
        "class A {\n  virtual int clock_gettime(int clock, timespec* now) = 0;\n};\n",
        "int ModelSyscalls::clock_gettime(int clock, timespec* now) { return 0; }\n",
        "Instant A::time() const { return moment_.now; }\n",
        "void f(const std::unordered_map<int, int>& m);  // check: lookup only\n",
        "void f(std::FILE* f) { std::fputs(text, f); }  // check: allow logging, because the process ends here\n",
        "std::map<TaskId, Task*> f();\n",
        "inline constexpr std::array kTable = {1, 2, 3};\nstatic constexpr int kN = 1;\nextern const int kM;\n",
        "const char* const kNames[] = {\"a\", \"b\"};\nconstexpr const char* kName = \"\";\n",
        "using A = int;\n__extension__ using Wide = __int128;\nclass B;\ntemplate <class T>\nT f(T);\nenum class C { kD, kE };\n",
        "class A {\n public:\n  static A make(int n);\n  static constexpr int kN = 1;\n  int n_ = 0;\n};\n",
        "bool operator==(const A& a, const A& b);\nconst int kVersion = 0x1e5;\n",
        "void f() {\n  static const std::array kNames = {1, 2};\n  int local = 0;\n}\n",
        "struct A {\n  int n = 0;\n} __attribute__((packed));\n",
    ]

    def test_every_ban_bites_in_the_model(self):
        for rule, line in self.FORBIDDEN:
            with self.subTest(line=line):
                self.plant("kernel_model/a.cpp", line + "\n")
                self.assertIn(rule, [found for _, _, found in self.findings()])

    def test_globals_bite_once_thread_local_too(self):
        self.plant("sim/a.cpp", "thread_local int depth = 0;\n")
        self.assertEqual({rule for _, _, rule in self.findings()}, {"thread", "global"})

    def test_what_only_looks_like_a_violation_is_left_alone(self):
        for text in self.HARMLESS:
            with self.subTest(text=text):
                self.assert_clean("kernel_model/a.cpp", text)

    def test_floating_point_is_fine_where_nothing_is_simulated(self):
        self.assert_clean("sim/script/a.cpp", "double f(double x) { return x * 0.5; }\n")
        self.assert_clean("analysis/a.cpp", "double f(double x) { return x * 0.5; }\n")

    def test_a_clock_is_fine_where_the_real_kernel_is_measured(self):
        self.assert_clean("measure/a.cpp", "void f() { ::clock_gettime(CLOCK_MONOTONIC, &now); }\n")

    def test_an_allowance_needs_a_reason_and_its_own_rule(self):
        for comment in ("// check: allow float", "// check: allow float, because", "// check: allow clock, because it is so"):
            with self.subTest(comment=comment):
                self.assert_found("sim/a.cpp", f"void f(double x);  {comment}\n", "float")

    def test_a_header_needs_its_guard(self):
        self.assert_found("sim/a.hpp", "// What this is.\nint f();\n", "guard")
        self.assert_clean("sim/a.hpp", "// Licence.\n#pragma once\n// What this is.\nint f();\n")

    def test_a_path_of_one_machine_is_refused_everywhere(self):
        self.assert_found("docs/a.md", "first\nsee /" + "work/notes\n", "path", 2)


class Lengths(PlantedTree):
    @staticmethod
    def function(name, lines, head="void {}() {{"):
        return head.format(name) + "\n" + "  work();\n" * (lines - 2) + "}\n"

    def test_a_long_file_is_refused(self):
        self.assert_found("sim/a.cpp", "// x\n" * 501, "length")
        self.assert_clean("sim/a.cpp", "// x\n" * 500)

    def test_a_long_function_is_refused_however_it_is_written(self):
        for head in ("void {}() {{", "template <class T, class U = X<T>>\nauto A<T>::{}(T t) const -> int {{",
                     "A::{}(int b) : b_{{b}}, c_(b) {{", "bool operator==(const A& {}) {{", 'TEST_CASE("{}", "[x]") {{',
                     "constexpr auto {} = [](int x) {{"):
            with self.subTest(head=head):
                self.assert_found("sim/a.cpp", "\n" + self.function("f", 61, head), "length", 2)

    def test_a_class_or_a_table_is_not_a_function(self):
        self.assert_clean("sim/a.cpp", "class A {\n" + "  void f();\n" * 70 + "};\n")
        self.assert_clean("sim/a.cpp", "const auto kTable = make({\n" + "    {1, 2},\n" * 70 + "});\n")
        self.assert_clean("sim/a.cpp", "namespace a {\n" + self.function("f", 60) + self.function("g", 60) + "}\n")

    def test_python_is_measured_too(self):
        self.assert_found("tools/a.py", "def f():\n" + "    work()\n" * 60, "length")

    def test_an_exception_covers_exactly_the_present_length(self):
        self.plant("sim/a.cpp", self.function("f", 70))
        for listed, expected in ((70, []), (69, ["sim/a.cpp"]), (71, ["tools/length_exceptions.txt"])):
            with self.subTest(listed=listed):
                self.plant("tools/length_exceptions.txt", f"# why\nsim/a.cpp f {listed}\n")
                self.assertEqual([path for path, _, _ in self.findings()], expected)

    def test_an_exception_that_is_needed_no_more_goes(self):
        self.plant("sim/a.cpp", self.function("f", 30))
        self.assert_found("tools/length_exceptions.txt", "sim/a.cpp f 70\n", "length")

    def git(self, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(self.root), *identity, *arguments], check=True, capture_output=True)

    def test_the_list_of_exceptions_may_only_shrink(self):
        self.plant("tools/length_exceptions.txt", "# none\n")
        self.plant(texts.DIFFERENCES, texts.HEADING)
        self.git("init", "-q", "-b", "trunk")
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.plant("sim/a.cpp", self.function("f", 70))
        self.assert_found("tools/length_exceptions.txt", "sim/a.cpp f 70\n", "length")
        self.git("add", ".")
        self.git("commit", "-qm", "an exception more, which is refused even when it is committed")
        self.assertEqual(self.findings(), [("tools/length_exceptions.txt", 1, "length")])


class Texts(PlantedTree):
    SCENARIO = 'title = "t"\nlesson = "l"\n'

    def test_a_scenario_must_be_able_to_fail(self):
        self.assert_found("scenarios/a.toml", self.SCENARIO, "scenario")
        self.assert_found("scenarios/a.toml", self.SCENARIO + "[[expect]]\nvariant = 'x'\n", "scenario")
        self.assert_found("scenarios/a.toml", "title = \n", "scenario")
        self.assert_clean("scenarios/a.toml", self.SCENARIO + "[[expect]]\nthat = 'n == 1'\n")

    def test_a_scenario_teaches_something(self):
        self.assert_found("scenarios/a.toml", "title = 't'\n[[expect]]\nthat = 'n == 1'\n", "scenario")

    def test_a_header_of_the_model_says_what_it_is(self):
        self.assert_found("kernel_model/a.hpp", "#pragma once\n\n#include <array>\n", "header")

    DIFFERING = ("#pragma once\n// The NIC.\n//\n// Differs: one queue only;\n//   nobody with one CPU notices.\n"
                 "// Linux: drivers/net\n\n/// Differs: no DMA faults.\n/// Returns: nothing.\nint f();\n")

    def test_differences_are_collected_over_their_continuation_lines(self):
        self.plant("kernel_model/nic.hpp", self.DIFFERING)
        page = texts.differences(Tree(self.root))
        self.assertTrue(page.startswith(texts.HEADING))
        self.assertTrue(page.endswith("## kernel_model/nic.hpp\n\n- one queue only; nobody with one CPU notices.\n"
                                      "- no DMA faults.\n"))

    def test_a_stale_page_of_differences_is_found(self):
        self.plant("kernel_model/nic.hpp", self.DIFFERING)
        self.assert_found(texts.DIFFERENCES, texts.HEADING, "differences")
        with contextlib.redirect_stdout(io.StringIO()):
            check.write_differences(self.root)
        self.assertEqual(self.findings(), [])


class Outline(unittest.TestCase):
    def names(self, text):
        return [f.name for f in cpp.outline(cpp.blank(text, literals=True)).functions]

    def test_functions_are_named(self):
        text = """
        namespace stackscope {
        struct A : B<int> { A() : a_{1}, b_{f({2})} {} ~A() = default; int get() const { return [&] { return 1; }(); } };
        template <class T = std::vector<int>> 
          requires(sizeof(T) > 4)
        [[nodiscard]] std::map<int, int> A::make(T t, int n = 3) noexcept(true) { for (;;) { if (t) { return {}; } } }
        bool operator<(A a, A b) { return true; }
        template <class T>
          requires(std::integral<T> || ...)
        struct Traits<T> { static int one() { return 1; } };
        Timer::Timer(int n) : line_{1, {}, this, [](void* self) { go(self); }}, n_(n) { start(); }
        const auto kTable = std::to_array<A>({{1, "}"}, {2, '{'}});
        enum class E { a, b };
        extern "C" { void c_function() { } }
        }
        """
        self.assertEqual(self.names(text), ["A", "get", "A::make", "operator<", "one", "lambda", "Timer::Timer",
                                             "c_function"])

    def test_every_line_keeps_its_number(self):
        text = 'a // b \\\n c\n/* d\n\n*/ "e" \'f\' R"x(\n)" )x" g\n'
        blanked = cpp.blank(text, literals=True)
        self.assertEqual(blanked.count("\n"), text.count("\n"))
        self.assertEqual(blanked.split(), ["a", '"', '"', "'", "'", '"', '"', "g"])


if __name__ == "__main__":
    unittest.main()
