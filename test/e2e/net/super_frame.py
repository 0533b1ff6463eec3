#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The peer of unikernel.c, on the kernel's side of the tap.

Usage: super_frame.py INTERFACE

Sends a TCP super-frame of 50,000 bytes of payload and then a frame of one byte, prints the digest of
the payload, waits for the super-frame that the image sends back and prints what came.
"""
import socket
import struct
import sys

PACKET_VNET_HDR, SOL_PACKET, ETH_P_IP = 15, 263, 0x0800
PAYLOAD, SEGMENT = 50000, 1400


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def frame(mac, payload):
    """Ethernet, IPv4 and TCP with the sum of the pseudo header, and the payload."""
    addresses = bytes([10, 0, 0, 1, 10, 0, 0, 2])
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + len(payload), 1, 0, 64, 6, 0) + addresses
    ip = ip[:10] + struct.pack("!H", 0xFFFF ^ checksum(ip)) + ip[12:]
    pseudo = checksum(addresses + struct.pack("!HH", 6, 20 + len(payload)))
    tcp = struct.pack("!HHIIBBHHH", 1000, 2000, 1, 1, 0x50, 0x10, 1000, pseudo, 0)
    return b"\xff" * 6 + mac + struct.pack("!H", ETH_P_IP) + ip + tcp + payload


def vnet_header(flags, kind, length, segment):
    return struct.pack("<BBHHHH", flags, kind, length, segment, 34, 16)


def digest(payload):
    return sum((i + 1) * byte for i, byte in enumerate(payload))


def main():
    peer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    peer.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    peer.bind((sys.argv[1], ETH_P_IP))
    peer.settimeout(10)
    mac = peer.getsockname()[4]

    payload = bytes(i * 7 % 256 for i in range(PAYLOAD))
    peer.send(vnet_header(1, 1, 54, SEGMENT) + frame(mac, payload))
    print("sent digest", digest(payload), flush=True)
    peer.send(vnet_header(1, 0, 0, 0) + frame(mac, b"x"))

    received, count = b"", 0
    while len(received) < 60000:
        data, address = peer.recvfrom(70000)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        flags, kind, _, segment, start, offset = struct.unpack("<BBHHHH", data[:10])
        print(f"header flags {flags} kind {kind} segment {segment} start {start} offset {offset}")
        received += data[10 + 54:]
        count += 1
    expected = bytes(i % 251 for i in range(60000))
    print(f"received {count} frames, {'good' if received == expected else 'spoilt'} payload")


main()
