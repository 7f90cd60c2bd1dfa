#!/usr/bin/env python3
"""Checks what the compiler does not: the layers, the rules for code between clone and execve, sizes, and traps on input.

Prints file:line: rule, and ends with 1 when a rule is broken.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM = {"Glibc", "Musl", "Darwin", "FoundationEssentials", "Synchronization", "Testing", "Swift"}
PACKAGES = {"NIOCore", "NIOPosix", "NIOHTTP1", "ArgumentParser"}
# No Foundation, no concurrency, no output: these run beside or inside a container's start.
BARE = ("Sources/Kernel/", "Sources/Runtime/Launch/", "Sources/Runtime/gantry-shim/")
FILE_LINES = 250
FUNCTION_LINES = 45

problems = []


def report(path, line, text):
    problems.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def declared_arrows():
    """Target folder → modules it may import, read from Package.swift."""
    text = (ROOT / "Package.swift").read_text()
    named = {
        "nio": PACKAGES - {"ArgumentParser"},
        "argumentParser": {"ArgumentParser"},
    }
    arrows = {}
    for kind, path, rest in re.findall(r'\b(module|app|tests|cModule|systemModule)\(\s*"([^"]+)"((?:[^()]|\([^()]*\))*)\)', text):
        uses = set()
        match = re.search(r"uses:\s*\[(.*?)\](\s*\+\s*nio)?", rest, re.S)
        if match:
            uses |= set(re.findall(r'"([^"]+)"', match.group(1)))
            for word in re.findall(r"\b(argumentParser|nio)\b", match.group(1)):
                uses |= named[word]
            if match.group(2):
                uses |= named["nio"]
        folder = ("Tests/" if kind == "tests" else "Sources/") + path
        arrows[folder] = uses
    arrows["Tests/Support"] = set()
    arrows["Sources/Runtime/CCurl"] = set()
    arrows["Sources/Runtime/gantry-shim"] = {"CLinux", "EmbeddedLaunch"}
    return arrows


def check_imports(path, lines, folder, uses):
    for number, line in enumerate(lines, 1):
        match = re.match(r"\s*(?:@testable |private |internal |public )?import (?:struct |class |enum |func )?([A-Za-z0-9_]+)", line)
        if not match:
            continue
        module = match.group(1)
        if module in SYSTEM:
            if module == "FoundationEssentials" and str(path.relative_to(ROOT)).startswith(BARE):
                report(path, number, "no Foundation here")
            continue
        if module in ("Foundation", "Dispatch"):
            report(path, number, f"import {module}: use FoundationEssentials and structured concurrency")
        elif module not in uses:
            report(path, number, f"import {module} is not among the arrows of {folder} in Package.swift")


def code_of(line):
    """The line without its comment and the content of its string literals."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
    return re.sub(r"//.*", "", line)


def check_code(path, lines):
    is_bare = str(path.relative_to(ROOT)).startswith(BARE)
    in_text = False
    for number, raw in enumerate(lines, 1):
        if raw.count('"""') % 2 == 1:
            in_text = not in_text
            continue
        if in_text:
            continue
        line = code_of(raw)
        for pattern, text in [
            (r"\b(class|struct|enum|actor|protocol)\s+\w*(Manager|Helper|Utils|Util|Common)\b", "a name that says nothing"),
            (r"\btry!", "try! traps on what was not expected"),
            (r"\bfatalError\(", "fatalError traps"),
            (r"\bpreconditionFailure\(", "preconditionFailure traps"),
            (r"\bas!\s", "as! traps"),
            (r"[\w\)\]]!(?![=!])(?=[\.\)\],\s]|$)", "a forced unwrap traps on nil"),
        ]:
            if re.search(pattern, line):
                report(path, number, text)
        if is_bare and re.search(r"\b(async|await|print)\b\s*[\({]?", line) and not re.search(r"func \w*(async|print)", line):
            report(path, number, "no async and no print here")


def check_sizes(path, lines):
    if len(lines) > FILE_LINES:
        report(path, 1, f"{len(lines)} lines, more than {FILE_LINES}: one idea a file")
    begin = None
    for number, line in enumerate(lines, 1):
        match = re.match(r"(\s*)(?:@\w+(?:\([^)]*\))? )*(?:public |private |fileprivate |internal |static |mutating |override |convenience |consuming |borrowing |nonisolated )*(?:func |init\(|init\?\()", line)
        if match and begin is None and line.rstrip().endswith(("{", "(", ",")):
            begin = (number, len(match.group(1)))
        elif begin and re.match(r"\s{%d}\}" % begin[1], line) and not line.startswith(" " * (begin[1] + 1)):
            if number - begin[0] > FUNCTION_LINES:
                report(path, begin[0], f"a function of {number - begin[0]} lines, more than {FUNCTION_LINES}")
            begin = None


def main():
    arrows = declared_arrows()
    seen = 0
    for top in ("Sources", "Tests"):
        for path in sorted((ROOT / top).rglob("*.swift")):
            relative = str(path.relative_to(ROOT))
            if relative.startswith("Sources/Runtime/EmbeddedLaunch"):
                continue
            folder = next((f for f in sorted(arrows, key=len, reverse=True) if relative.startswith(f + "/")), None)
            if folder is None:
                report(path, 1, "belongs to no target of Package.swift")
                continue
            seen += 1
            lines = path.read_text().splitlines()
            check_imports(path, lines, folder, arrows[folder])
            if top == "Sources":
                check_code(path, lines)
            check_sizes(path, lines)
    if seen < 100:
        problems.append(f"only {seen} files were found: the check looks in the wrong place")
    for problem in problems:
        print(problem)
    print(f"lint: {seen} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
