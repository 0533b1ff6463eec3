#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Change single fields of an ELF file: edit.py IN OUT FIELD=VALUE...

FIELD is one of the ELF header (e_type), of a program header (2.p_vaddr), of the file (size, which
cuts it), or bytes anywhere (@OFFSET=HEX). Program headers are also found by what they are:
note_abi.p_filesz, note_manifest.@24=02000000 (bytes at an offset from the segment's start).
"""
import struct
import sys

HEADER = {  # offset, format
    "e_class": (4, "B"), "e_data": (5, "B"), "e_type": (16, "H"), "e_machine": (18, "H"),
    "e_version": (20, "I"), "e_entry": (24, "Q"), "e_phoff": (32, "Q"), "e_ehsize": (52, "H"),
    "e_phentsize": (54, "H"), "e_phnum": (56, "H"),
}
SEGMENT = {
    "p_type": (0, "I"), "p_flags": (4, "I"), "p_offset": (8, "Q"), "p_vaddr": (16, "Q"),
    "p_paddr": (24, "Q"), "p_filesz": (32, "Q"), "p_memsz": (40, "Q"), "p_align": (48, "Q"),
}


def get(data, at, kind):
    return struct.unpack_from("<" + kind, data, at)[0]


def segment_at(data, name):
    """Offset of a program header: by its number, or by the note that it is for."""
    first, count = get(data, 32, "Q"), get(data, 56, "H")
    if name.isdigit():
        return first + 56 * int(name)
    wanted = {"note_abi": b"ABI1", "note_manifest": b"MFT1"}[name]
    for index in range(count):
        at = first + 56 * index
        offset = get(data, at + 8, "Q")
        if get(data, at, "I") == 4 and data[offset + 8:offset + 12] == wanted:
            return at
    sys.exit(f"edit.py: there is no {name}")


def main():
    source, target, *edits = sys.argv[1:]
    with open(source, "rb") as file:
        data = bytearray(file.read())
    for edit in edits:
        field, value = edit.split("=", 1)
        base, _, name = field.rpartition(".")
        if field == "size":
            del data[int(value, 0):]
        elif name.startswith("@"):
            at = int(name[1:], 0) + (get(data, segment_at(data, base) + 8, "Q") if base else 0)
            data[at:at + len(value) // 2] = bytes.fromhex(value)
        elif base:
            offset, kind = SEGMENT[name]
            struct.pack_into("<" + kind, data, segment_at(data, base) + offset,
                             int(value, 0) % (1 << 8 * struct.calcsize(kind)))
        else:
            offset, kind = HEADER[field]
            struct.pack_into("<" + kind, data, offset, int(value, 0))
    with open(target, "wb") as file:
        file.write(data)


main()
