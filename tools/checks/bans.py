"""Bans: what would make two runs differ, or would hide state. Each with the floors where it holds and its reason.

A line that is right nevertheless says so, with a reason: `// check: allow clock, because …`. A lookup in an unordered
container, whose order cannot be seen, says `// check: lookup only`.
"""

import re
from dataclasses import dataclass

from checks.tree import Finding

SIMULATED = ("sim", "kernel_model", "userland", "analysis")
MODEL = ("sim", "kernel_model", "userland")
OURS = (*SIMULATED, "measure", "runner", "gui")


@dataclass(frozen=True)
class Ban:
    rule: str
    floors: tuple
    pattern: re.Pattern
    reason: str
    except_in: tuple = ()


def ban(rule, floors, pattern, reason, except_in=()):
    return Ban(rule, floors, re.compile(pattern), reason, except_in)


# A call of the C library's function: not a member (`os.time(…)`), not a declaration (`int time(…)`).
CALL = r"(?:(?<![\w>\])*&:.])(?<![\w>\])*&:.] )|(?<=return )|(?<=[=(,!;] ))(?:std::|(?<![\w>])::)?"

BANS = [
    ban("clock", SIMULATED, r"\b(system|steady|high_resolution|utc|tai|gps|file)_clock\b",
        "a clock of the real machine differs from run to run; simulated time comes from the engine"),
    ban("clock", SIMULATED, CALL + r"(clock_gettime|gettimeofday|time|clock(?=\s*\(\s*\))|timespec_get|times)\s*\(",
        "a clock of the real machine differs from run to run; simulated time comes from the engine"),
    ban("clock", SIMULATED, r"\b(__rdtscp?|_rdtsc|__builtin_ia32_rdtscp?|__builtin_readcyclecounter)\b",
        "the processor's counter differs from run to run"),
    ban("random", SIMULATED, r"\b\w+_distribution\b",
        "the standard does not say which numbers a distribution gives; draw from a named stream"),
    ban("random", SIMULATED,
        r"\b(random_device|mt19937(_64)?|minstd_rand0?|default_random_engine|ranlux\w+|knuth_b|random_shuffle)\b",
        "randomness comes from named streams only, so that a new consumer moves nobody else's numbers"),
    ban("random", SIMULATED, r"\bstd::(ranges::)?(shuffle|sample)\b", "which permutation it gives is not specified"),
    ban("random", SIMULATED, CALL + r"(rand|srand|random|srandom|rand_r|drand48|getrandom|getentropy)\s*\(",
        "randomness comes from named streams only"),
    ban("unordered", SIMULATED, r"\bunordered_(flat_|node_)?(multi)?(map|set)\b|\bflat_hash_(map|set)\b",
        "its order differs from run to run; where nothing iterates, say `// check: lookup only` on the line"),
    ban("unordered", SIMULATED, r"\bstd::hash\b", "what it returns is not specified, and for pointers it is the address"),
    ban("pointer-order", (*SIMULATED, "runner"),
        r"\b(?:map|set|multimap|multiset|less|greater|priority_queue)\s*<\s*(?:const\s+)?[\w:]+\s*(?:const\s*)?\*",
        "an order by address differs from run to run; order by identity"),
    ban("pointer-order", ("kernel_model", "userland", "analysis"), r"\bu?intptr_t\b",
        "an address differs from run to run; records and state name objects by identity"),
    ban("float", MODEL, r"\b(float|double)\b",
        "compilers round differently, and a fingerprint would tell; simulated state is integer", ("sim/script",)),
    ban("float", MODEL, r"(?<![\w.'])\d[\d']*(?:\.\d*(?:[eE][+-]?\d+)?|[eE][+-]?\d+)[fFlL]?(?![\w.])",
        "compilers round differently, and a fingerprint would tell; simulated state is integer", ("sim/script",)),
    ban("thread", (*SIMULATED, "runner", "gui"), r"\bthread_local\b",
        "engines must be able to live side by side; state belongs to an object"),
    ban("thread", SIMULATED, r"\bstd::(jthread|thread|async|(shared_|recursive_|timed_)?mutex|condition_variable\w*|atomic)\b",
        "one engine, one thread: what needs a lock here is in the wrong place"),
    ban("logging", MODEL, r"(?<![\w.:>])(?:std::|::)?(v?f?printf|f?puts|putchar|perror)\s*\(",
        "the model tells what it does by records, never by text"),
    ban("logging", MODEL, r"\bstd::(cout|cerr|clog|print|println)\b|\bfmt::print(ln)?\b",
        "the model tells what it does by records, never by text"),
]

PATHS = re.compile("|".join([r"(?<![\w.])/" + r"work/", r"(?<![\w.])/" + r"tmp/(?!\S*XXXXXX)", r"\.\./" + r"shared/"]))
ALLOWED = re.compile(r"//\s*check: allow ([\w-]+), because \w.{8,}")


def is_allowed(source, line, rule):
    text = source.lines[line - 1]
    allowed = ALLOWED.search(text)
    if allowed and allowed.group(1) == rule:
        return True
    return rule == "unordered" and re.search(r"//\s*check: lookup only", text) is not None


def check(tree):
    for source in tree.sources:
        found = [*check_paths(source)]
        if source.is_cpp:
            found += [*check_patterns(source), *check_globals(source), *check_guard(source)]
        yield from (f for f in found if not is_allowed(source, f.line, f.rule))


def check_patterns(source):
    bans = [b for b in BANS if source.folder in b.floors and not (b.except_in and source.is_under(*b.except_in))]
    for number, line in enumerate(source.code_lines, 1):
        if line.lstrip().startswith("#"):
            continue  # what a header is called is the floors' business
        for ban_ in bans:
            found = ban_.pattern.search(line)
            if found:
                yield Finding(source.path, number, ban_.rule, f"'{found.group(0).strip()}': {ban_.reason}")


NOT_A_VARIABLE = re.compile(
    r"(using|typedef|template|class|struct|union|enum|friend|extern|static_assert|namespace|return|goto|asm|"
    r"public|protected|private|requires|concept)\b|[A-Z_]+\s*\(")
VARIABLE = re.compile(r"[\w:]+(?:<.*>)?[\s*&]+(?:const\s+)?[\w:]+\s*(?:\[[^\]]*\]\s*)*$", re.DOTALL)


def is_mutable_variable(statement):
    """Whether a statement declares a variable that can change (heuristic: not const, and not a function)."""
    text = re.sub(r"\[\[[^\]]*\]\]|^__extension__\b", "", statement.strip()).strip()
    declaration = re.split(r"=|\{", text, maxsplit=1)[0].strip()
    if NOT_A_VARIABLE.match(text) or "(" in declaration or "operator" in declaration:
        return False
    if re.search(r"\bconstexpr\b", declaration):
        return False
    flat = re.sub(r"<[^<>]*>", "<>", re.sub(r"<[^<>]*>", "<>", declaration))
    if "*" in flat:
        return "const" not in flat[flat.rindex("*") :]
    return not re.search(r"\bconst\b", flat) and VARIABLE.search(flat) is not None


def check_globals(source):
    if source.folder not in OURS or source.folder == "measure":
        return
    reason = "state belongs to an object that somebody owns, so that engines can live side by side"
    for statement in source.outline.statements:
        is_static = re.match(r"(inline\s+)?(static|thread_local)\s", statement.text) is not None
        if statement.scope == "namespace" or is_static:
            if is_mutable_variable(statement.text):
                name = " ".join(re.split(r"=|\{", statement.text)[0].split())
                yield Finding(source.path, statement.line, "global", f"'{name}': {reason}")


def check_guard(source):
    if source.is_header and next((x.strip() for x in source.code_lines if x.strip()), "") != "#pragma once":
        yield Finding(source.path, 1, "guard", "a header begins with #pragma once")


def check_paths(source):
    for number, line in enumerate(source.lines, 1):
        found = PATHS.search(line)
        if found:
            yield Finding(source.path, number, "path", f"'{found.group(0)}': a path that exists on one machine only")
