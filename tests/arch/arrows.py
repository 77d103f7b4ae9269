#!/usr/bin/env python3
"""arrows.py: every include inside core, plugins and launch follows the arrows that core/README.md draws.

Also: foreign libraries stay in their rooms, headers begin with the sentence that says their idea, and no file is over 400 lines.
Exit 1 with one line a fault.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
text = (root / "core/README.md").read_text()
arrows = {}
for line in re.search(r"```\n(base .*?)```", text, re.S).group(1).splitlines():
    room, _, others = line.partition("->")
    arrows[room.strip()] = set(others.split())

faults = []

# The arrows themselves have no cycle.
def reaches(start, goal, seen=()):
    return any(o == goal or (o not in seen and reaches(o, goal, (*seen, o))) for o in arrows[start])

for room, others in arrows.items():
    for other in others - set(arrows):
        faults.append(f"core/README.md: {room} -> {other}, which is no room")
    if reaches(room, room):
        faults.append(f"core/README.md: {room} reaches itself")

foreign = {  # header -> the only places that may include it
    r"mpi\.h": {"comm"}, r"yaml-cpp/": {"grid"}, r"(oneapi/)?tbb/": {"train"}, r"hdf5": {"store"}, r"dlfcn\.h": {"host"},
    r"CLI/": {"run", "launch"},
}
include = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
n = 0
files = [f for top in ("core", "plugins", "launch") for f in sorted((root / top).rglob("*")) if f.suffix in {".hpp", ".cpp", ".h", ".c"}]
for file in files:
    n += 1
    parts = file.relative_to(root).parts
    place = parts[1] if parts[0] == "core" else parts[0]
    body = file.read_text()
    name = file.relative_to(root)
    if place not in arrows and place not in {"plugins", "launch"}:
        faults.append(f"{name}: the room {place} is not in core/README.md")
        continue
    allowed = {"plugins": {"abi", "sdk"}, "launch": {"run", "comm", "base"}}.get(place) or arrows[place] | {place}
    for kind, target in include.findall(body):
        head = target.split("/")[0]
        if kind == '"' and head in arrows and "/" in target and head not in allowed:
            faults.append(f"{name}: includes {target}, but there is no arrow {place} -> {head}")
        if target.startswith("attnlab/"):
            owner = "abi" if target.endswith(".h") else "sdk"
            if owner not in allowed and place not in {"abi", "sdk"}:
                faults.append(f"{name}: includes {target}, but there is no arrow {place} -> {owner}")
        for pattern, homes in foreign.items():
            if re.match(pattern, target) and place not in homes:
                faults.append(f"{name}: includes {target}, which belongs to {sorted(homes)}")
    lines = body.count("\n")
    if lines > 400:
        faults.append(f"{name}: {lines} lines; look for the second idea")
    first = body.split("\n", 1)[0]
    if not re.match(rf"(//|/\*) {re.escape(file.name)}: .", first):
        faults.append(f"{name}: the first line does not say the idea of the file")

allowed_top = {"CMakeLists.txt", "CMakePresets.json", "core", "plugins", "launch", "configs", "tests", "README.md", "LICENSE",
               "CHANGELOG.md", "CONTRIBUTING.md"}
import subprocess
listed = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True)
for top in sorted({line.split("/")[0] for line in listed.stdout.splitlines()}):
    if not top.startswith(".") and top not in allowed_top:
        faults.append(f"{top}: does not belong at the top level")

for fault in faults:
    print(fault)
print(f"{n} files, {len(faults)} faults")
sys.exit(1 if faults else 0)
