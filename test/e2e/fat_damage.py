#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Damage a FAT image in one of several ways: fat_damage.py IMAGE KIND, or --kinds to list them.

The image must hold the files that fat_check.bats makes: A.BIN and B.BIN of several clusters, and DIR with
a file F in it. Written from the format's description, without regard to how our own code reads it.
"""
import mmap
import struct
import sys


class Volume:
    def __init__(self, path):
        with open(path, "r+b") as file:
            b = self.bytes = mmap.mmap(file.fileno(), 0)
        (self.sector, per_cluster, reserved, self.tables, self.root_slots, small, _, table16) = \
            struct.unpack_from("<HBHBHHBH", b, 11)
        total = small or struct.unpack_from("<I", b, 32)[0]
        self.table_size = (table16 or struct.unpack_from("<I", b, 36)[0]) * self.sector
        self.table = reserved * self.sector
        self.root = self.table + self.tables * self.table_size
        self.data = self.root + self.root_slots * 32
        self.cluster = per_cluster * self.sector
        self.count = (total * self.sector - self.data) // self.cluster
        self.bits = 32 if table16 == 0 else 12 if self.count < 4085 else 16

    def get(self, cluster):
        if self.bits == 12:
            pair = struct.unpack_from("<H", self.bytes, self.table + cluster * 3 // 2)[0]
            return pair >> 4 if cluster % 2 else pair & 0xfff
        form = "<H" if self.bits == 16 else "<I"
        return struct.unpack_from(form, self.bytes, self.table + cluster * self.bits // 8)[0]

    def set(self, cluster, value, tables=None):
        for i in range(self.tables if tables is None else tables):
            base = self.table + i * self.table_size
            if self.bits == 12:
                at = base + cluster * 3 // 2
                pair = struct.unpack_from("<H", self.bytes, at)[0]
                pair = pair & 0x000f | (value & 0xfff) << 4 if cluster % 2 else pair & 0xf000 | value & 0xfff
                struct.pack_into("<H", self.bytes, at, pair)
            else:
                struct.pack_into("<H" if self.bits == 16 else "<I", self.bytes,
                                 base + cluster * self.bits // 8,
                                 value & (0xffff if self.bits == 16 else 0xfffffff))

    def end(self):
        return (1 << min(self.bits, 28)) - 1

    def free(self):
        """The last free cluster: nobody's neighbour."""
        return next(c for c in range(self.count + 1, 1, -1) if self.get(c) == 0)

    def chain(self, first):
        chain = [first]
        while self.get(chain[-1]) & 0xfffffff < self.end() - 8:
            chain.append(self.get(chain[-1]))
        return chain

    def at(self, cluster):
        return self.data + (cluster - 2) * self.cluster

    def places(self, directory):
        """Where the slots of a directory are; None: the root."""
        if directory is None and self.bits != 32:
            return [self.root + i * 32 for i in range(self.root_slots)]
        if directory is None:
            directory = struct.unpack_from("<I", self.bytes, 44)[0]
        return [self.at(c) + i for c in self.chain(directory) for i in range(0, self.cluster, 32)]

    def find(self, name, directory=None):
        return next(p for p in self.places(directory) if self.bytes[p:p + 11] == name)

    def first(self, place):
        low, high = (struct.unpack_from("<H", self.bytes, place + i)[0] for i in (26, 20))
        return low | high << 16 if self.bits == 32 else low

    def set_first(self, place, cluster):
        struct.pack_into("<H", self.bytes, place + 26, cluster & 0xffff)
        if self.bits == 32:
            struct.pack_into("<H", self.bytes, place + 20, cluster >> 16)


A, B, DIRECTORY, F = b"A       BIN", b"B       BIN", b"DIR        ", b"F          "
kinds = {}


def damage(function):
    kinds[function.__name__.replace("_", "-")] = function
    return function


@damage
def lost_chain(v):
    one, two = v.free(), 0
    v.set(one, v.end())
    two = v.free()
    v.set(two, one)


@damage
def lost_circle(v):
    one = v.free()
    v.set(one, v.end())
    two = v.free()
    v.set(two, one)
    v.set(one, two)


@damage
def cross_linked(v):
    a, b = v.chain(v.first(v.find(A))), v.chain(v.first(v.find(B)))
    v.set(a[1], b[2])


@damage
def same_chain(v):
    v.set_first(v.find(B), v.first(v.find(A)))


@damage
def loop(v):
    a = v.chain(v.first(v.find(A)))
    v.set(a[-1], a[1])


@damage
def short_chain(v):
    a = v.chain(v.first(v.find(A)))
    v.set(a[1], v.end())
    for cluster in a[2:]:
        v.set(cluster, 0)


@damage
def long_chain(v):
    struct.pack_into("<I", v.bytes, v.find(A) + 28, 10)


@damage
def no_chain(v):
    place = v.find(A)
    for cluster in v.chain(v.first(place)):
        v.set(cluster, 0)
    v.set_first(place, 0)


@damage
def empty_with_chain(v):
    struct.pack_into("<I", v.bytes, v.find(A) + 28, 0)


@damage
def begins_outside(v):
    v.set_first(v.find(A), v.count + 100)


@damage
def leads_outside(v):
    v.set(v.chain(v.first(v.find(A)))[1], v.count + 2)


@damage
def free_cluster(v):
    v.set(v.chain(v.first(v.find(A)))[2], 0)


@damage
def bad_cluster(v):
    v.set(v.chain(v.first(v.find(A)))[2], v.end() - 8)


@damage
def tables_differ(v):
    v.set(v.first(v.find(A)), v.end(), tables=1)


@damage
def directory_size(v):
    struct.pack_into("<I", v.bytes, v.find(DIRECTORY) + 28, 4096)


@damage
def directory_without_cluster(v):
    v.set_first(v.find(DIRECTORY), 0)


@damage
def dot_leads_elsewhere(v):
    v.set_first(v.at(v.first(v.find(DIRECTORY))), v.first(v.find(A)))


@damage
def dot_dot_leads_elsewhere(v):
    v.set_first(v.at(v.first(v.find(DIRECTORY))) + 32, v.first(v.find(DIRECTORY)))


@damage
def dots_missing(v):
    place = v.at(v.first(v.find(DIRECTORY)))
    v.bytes[place] = v.bytes[place + 32] = 0xe5


@damage
def directory_is_its_own_child(v):
    directory = v.first(v.find(DIRECTORY))
    place = v.find(F, directory)
    v.bytes[place + 11] = 0x10
    struct.pack_into("<I", v.bytes, place + 28, 0)
    v.set_first(place, directory)


@damage
def bad_name(v):
    v.bytes[v.find(A) + 1] = ord("?")


@damage
def same_name(v):
    place = v.find(B)
    v.bytes[place:place + 11] = A


@damage
def loose_long_name(v):
    place = next(p for p in v.places(None) if v.bytes[p + 11] == 0x0f and v.bytes[p] & 0x40)
    while v.bytes[place + 11] == 0x0f:
        place += 32
    v.bytes[place] = 0xe5


@damage
def free_count(v):
    if v.bits == 32:
        struct.pack_into("<I", v.bytes, v.sector * struct.unpack_from("<H", v.bytes, 48)[0] + 488, 17)


@damage
def boot_copy(v):
    if v.bits == 32:
        v.bytes[v.sector * struct.unpack_from("<H", v.bytes, 50)[0] + 16] ^= 3


def main():
    if sys.argv[1:] == ["--kinds"]:
        print("\n".join(kinds))
        return
    kinds[sys.argv[2]](Volume(sys.argv[1]))


main()
