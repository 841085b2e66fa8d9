"""Just enough C++: comments and literals blanked, includes, and an outline of scopes, functions and variables.

Not a parser. It is right on code that clang-format has laid out in our style, and its own tests hold what it must
understand (raw strings, digit separators, constructors with braces in their initialisers, lambdas, operators).
"""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<comment>//(?:[^\n\\]|\\\n|\\.)*|/\*.*?\*/)
      |(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")
      |(?P<string>"(?:[^"\\\n]|\\.)*")
      |(?P<number>\b\d(?:'?[\w.])*)
      |(?P<char>'(?:[^'\\\n]|\\.)+')
    """,
    re.VERBOSE | re.DOTALL,
)


def _spaces(text):
    return re.sub(r"[^\n]", " ", text)


def blank(text, literals):
    """`text` with comments (and the insides of literals) replaced by spaces; every line keeps its number."""

    def replacement(match):
        found = match.group(0)
        if match.lastgroup == "number" or match.group("number"):
            return found
        if match.group("comment"):
            return _spaces(found)
        if not literals or len(found) < 2:
            return found
        quote = found[-1]
        return quote + _spaces(found[1:-1]) + quote

    return TOKEN.sub(replacement, text)


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


@dataclass(frozen=True)
class Include:
    line: int
    path: str
    is_quoted: bool


def includes(text):
    return [
        Include(text.count("\n", 0, m.start()) + 1, m.group(1) or m.group(2), m.group(1) is not None)
        for m in INCLUDE.finditer(text)
    ]


@dataclass(frozen=True)
class Function:
    name: str
    first_line: int
    last_line: int

    @property
    def length(self):
        return self.last_line - self.first_line + 1


@dataclass(frozen=True)
class Statement:
    """A declaration or statement that ends with a semicolon, and the kind of scope in which it stands."""

    text: str
    line: int
    scope: str  # "namespace", "class" or "function"


@dataclass
class Scope:
    kind: str  # "namespace", "class", "function", or "braces" (an initialiser)
    head: str
    line: int


ATTRIBUTES = re.compile(r"\[\[[^\]]*\]\]|\balignas\s*\([^)]*\)|__attribute__\s*\(\([^)]*\)\)")
OPERATOR = re.compile(r"\boperator\s*(?:\(\)|\[\]|[^\s\w(]+|\"\"\s*\w+)")
IN_INITIALISER_LIST = re.compile(r"\)[\s\w]*(?:\([^()]*\))?\s*(?<!:):(?!:)[^;]*[\w>]$")
IS_LAMBDA = re.compile(r"\]\s*(?:<[^{}]*>)?\s*(?:\(.*\))?\s*(?:mutable|noexcept|constexpr|->.*)?\s*$", re.DOTALL)
NAME = re.compile(r"([~\w]+(?:\s*::\s*[~\w]+)*)\s*\(")


def without_template(head):
    """A declaration without the `template <…> requires …` in front of it."""
    head = head.lstrip()
    while head.startswith("template"):
        depth = 0
        for at, char in enumerate(head):
            depth += (char == "<") - (char == ">" and head[at - 1] not in "-=")
            if char == ">" and depth == 0:
                break
        else:
            return head
        head = head[at + 1 :].lstrip()
    if head.startswith("requires"):  # clang-format gives the clause lines of its own
        kept = head.split("\n")[1:]
        while len(kept) > 1 and re.match(r"\s*(&&|\|\|)", kept[0]):
            kept.pop(0)
        head = "\n".join(kept).lstrip()
    return head


def top_level(text):
    """`text` without what stands in parentheses, brackets or braces (the pairs themselves stay)."""
    kept, depth = [], 0
    for char in text:
        depth -= char in ")]}"
        if depth <= 0:
            kept.append(char)
        depth += char in "([{"
    return "".join(kept)


def kind_of(head, inside, parentheses):
    """Which kind of scope the brace after `head` opens."""
    if inside == "function":
        return "function"
    if parentheses > 0:
        return "braces"
    head = OPERATOR.sub("operator_", without_template(ATTRIBUTES.sub("", head))).strip()
    if inside == "braces":
        return "function" if IS_LAMBDA.search(head) and "[" in head else "braces"
    if re.match(r"(inline\s+)?namespace\b", head) or re.match(r'extern\s*"', head):
        return "namespace"
    if re.match(r"(?:typedef\s+|friend\s+|static\s+|inline\s+|constexpr\s+)*(class|struct|union|enum)\b", head):
        if "(" not in head:
            return "class"
    if "=" in top_level(head):
        return "function" if IS_LAMBDA.search(head) and "[" in head else "braces"
    if "(" not in head or IN_INITIALISER_LIST.search(head):
        return "braces"
    return "function"


def name_of(head):
    head = OPERATOR.sub(lambda m: m.group(0).replace(" ", ""), without_template(ATTRIBUTES.sub("", head)))
    operator = re.search(r"([\w:]*operator\S*?)\s*\(", head)
    if operator:
        return operator.group(1)
    found = NAME.search(re.sub(r"\b(explicit|decltype)\s*\(\)", "", top_level(head))) or re.search(r"(\w+)\s*=", head)
    return re.sub(r"\s", "", found.group(1)) if found else "lambda"


class Outline:
    """Functions with their extent, and statements with their scope."""

    def __init__(self):
        self.functions = []
        self.statements = []


def _without_preprocessor(code):
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: _spaces(m.group(0)), code, flags=re.MULTILINE)


class _Reader:
    """One pass over blanked code; the stack holds the open scopes."""

    def __init__(self):
        self.outline = Outline()
        self.stack = [Scope("namespace", "", 1)]
        self.forget()
        self.line = 1
        self.parentheses = []

    def forget(self):
        self.head, self.head_line = [], 0

    def add(self, char):
        if not self.head and not char.strip():
            return
        if not self.head:
            self.head_line = self.line
        self.head.append(char)

    def open(self):
        head = "".join(self.head)
        kind = kind_of(head, self.stack[-1].kind, self.parentheses[-1])
        self.stack.append(Scope(kind, head, self.head_line or self.line))
        self.parentheses.append(0)
        self.forget()

    def close(self):
        if len(self.stack) == 1:
            return
        scope = self.stack.pop()
        self.parentheses.pop()
        if scope.kind == "function" and self.stack[-1].kind != "function":
            self.outline.functions.append(Function(name_of(scope.head), scope.line, self.line))
        self.forget()
        if scope.kind == "braces":  # an initialiser: what came before it goes on
            self.head, self.head_line = list(scope.head + "{}"), scope.line

    def end_statement(self):
        if self.head and self.stack[-1].kind != "braces":
            text = "".join(self.head).strip()
            self.outline.statements.append(Statement(text, self.head_line, self.stack[-1].kind))
        self.forget()

    def end_label(self, following):
        """`public:` and `case 1:` are not part of what follows them."""
        text = "".join(self.head).strip()
        if re.fullmatch(r"public|protected|private|default|case\s+[^?]+", text) and following != ":":
            self.forget()
        else:
            self.add(":")

    def read(self, code):
        self.parentheses.append(0)
        for at, char in enumerate(code):
            if char == "{":
                self.open()
            elif char == "}":
                self.close()
            elif char == ";" and self.parentheses[-1] == 0:
                self.end_statement()
            elif char == ":" and code[at - 1] != ":":
                self.end_label(code[at + 1 : at + 2])
            else:
                self.parentheses[-1] += (char == "(") - (char == ")")
                self.add(char)
            self.line += char == "\n"
        return self.outline


def outline(code):
    """The outline of code in which comments and literals have been blanked."""
    return _Reader().read(_without_preprocessor(code))
