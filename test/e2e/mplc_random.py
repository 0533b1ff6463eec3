#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Random specifications: what mplc takes must be C without warnings, build what it parses and parse what
it builds. `mplc_random.py [COUNT [SEED]]`; the defaults are those of `make test`.
"""
import os
import random
import subprocess
import sys
import tempfile

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 8
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
FLAGS = """-std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Wshadow -Wconversion -Werror
    -fsanitize=address,undefined -fno-sanitize-recover=all -DMPLC_PROPERTY_MAIN -Ibuild/include""".split()
# Names that are also those of variables in what mplc writes.
NAMES = """a b data length count size end tag bytes view value kind error options list fields at into
    index p message part offset default int sum each context checked name parse build""".split()
SCALARS = """byte uint16 uint16le uint24 uint32 uint48le uint64 uint128 int8 int16le int32 int64 boolean
    ipv4 ipv6 mac byte[7] uint16[3] ipv4[2] label""".split()
ELEMENTS = """packet plain { a: uint16; b: byte max(200); }
packet sized { length: byte value(sizeof(body)); body: byte[length]; }
packet option {
	kind: byte;
	classify (kind) {
	| 0:"End" -> ();
	| 1:"One" -> v: uint16;
	| 2..9:"Many" -> length: byte min(2) value(offset(rest)); rest: byte[length - offset(length)];
	| _:"Other" -> d: string8;
	};
}
"""


class Packet:
    """Statements of one packet, each name used once."""

    def __init__(self, chance):
        self.chance = chance
        self.unused = chance.sample(NAMES, len(NAMES))
        self.has_checksum = False

    def bits(self):
        left, lines = self.chance.choice([8, 16, 24, 64, 72]), []
        order = self.chance.choice(["", "_msb", "_lsb"])
        while left > 0 and self.unused:
            width = left if len(lines) == 4 else self.chance.randint(1, min(left, 64))
            width = min(width, 64)
            limit = self.chance.choice(["", f" max({2 ** min(width, 20) - 1})", " const(1)"])
            lines.append(f"{self.unused.pop()}: bit{order}[{width}]{limit};")
            left -= width
        return lines

    def scalar(self):
        return [f"{self.unused.pop()}: {self.chance.choice(SCALARS)};"]

    def checksum(self):
        if self.has_checksum:
            return self.scalar()
        self.has_checksum = True
        return [f"{self.unused.pop()}: uint16be checksum(internet, packet, addresses);"]

    def text(self):
        kinds = ["string8", "string16", "string32", "mpint", "dns_label", "dns_label_comp"]
        return [f"{self.unused.pop()}: {self.chance.choice(kinds)};"]

    def counted(self):
        length, data, mark = self.unused.pop(), self.unused.pop(), self.unused.pop()
        kind = self.chance.choice(["byte", "uint16", "uint32"])
        return self.chance.choice([
            [f"{length}: {kind} value(sizeof({data}));", *self.scalar(), f"{data}: byte[{length}];"],
            [f"{length}: {kind} value(offset({data}));", f"{mark}: label;",
             f"{data}: byte[{length} - offset({mark})];"],
            [f"{length}: {kind} min(3) value(sizeof({data}) + 3);", f"{data}: byte[{length} - 3];"],
        ])

    def listed(self):
        length, data = self.unused.pop(), self.unused.pop()
        element = self.chance.choice(["plain", "sized", "option", 'option until("End")',
                                      'option until("End") align(32)'])
        if element in ("plain", "sized", "option") and self.chance.random() < 0.5:
            return [f"{length}: byte value(array_length({data}));",
                    f"{data}: array ({length}) of {element};"]
        return [f"{length}: uint16 value(sizeof({data}));", f"{data}: list ({length}) of {element};"]

    def statements(self, count):
        lines = []
        for _ in range(count):
            if len(self.unused) < 8:
                break
            lines += self.chance.choice([self.bits, self.scalar, self.scalar, self.checksum,
                                         self.text, self.counted, self.listed])()
        return lines

    def specification(self):
        lines = self.statements(self.chance.randint(1, 5))
        if self.chance.random() < 0.4:
            kind = self.unused.pop()
            lines += [f"{kind}: {self.chance.choice(['byte', 'uint16', 'bit[8]'])};",
                      f"classify ({kind}) {{"]
            for value in self.chance.sample(range(20), 3):
                arm = self.statements(self.chance.randint(0, 2))
                lines.append(f'| {value}:"Arm{value}" -> ' + (" ".join(arm) or "();"))
            lines += ['| _:"Rest" -> ();', "};"]
        else:
            lines.append(f"{self.unused.pop()}: byte[remaining()];")
        return (ELEMENTS + "packet whole(pseudo addresses, byte level, bool flag) {\n\t"
                + "\n\t".join(lines) + "\n}\n")


def attempt(specification, folder):
    """None if all is well, else what went wrong."""
    with open(f"{folder}/whole.mpl", "w", encoding="ascii") as file:
        file.write(specification)
    program = f"{folder}/program"
    for command in (["build/bin/mplc", "--fuzz", f"--output={folder}", f"{folder}/whole.mpl"],
                    ["gcc", *FLAGS, "-iquote", folder, "-o", program, f"{folder}/whole_fuzz.c",
                     f"{folder}/whole.c", "build/test/libchecked.a"],
                    [program, "1000", "1"]):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            return result.stdout + result.stderr
    return None


def main():
    failed = 0
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    print(f"1..{COUNT}")
    for i in range(COUNT):
        specification = Packet(random.Random(SEED * 1000 + i)).specification()
        with tempfile.TemporaryDirectory() as folder:
            problem = attempt(specification, folder)
        print(f"{'ok' if problem is None else 'not ok'} {i + 1} - random specification {SEED}.{i}",
              flush=True)
        if problem is not None:
            failed += 1
            for line in (specification + problem).splitlines():
                print("# " + line)
    return 1 if failed else 0


sys.exit(main())
