#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Talk to an image that sends frames back: frames.py INTERFACE COUNT [LENGTH].

Sends COUNT frames of an experimental type on INTERFACE and wants each back, with the addresses
swapped and all else as it was. Prints the MAC that answered.
"""
import os
import select
import socket
import sys

ETHERTYPE = b"\x88\xb5"


def main():
    interface, count = sys.argv[1], int(sys.argv[2])
    length = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
    link.bind((interface, 0))
    ours = link.getsockname()[4]
    answered = None
    for number in range(count):
        payload = number.to_bytes(2, "big") + os.urandom(length - 16)
        link.send(b"\xff" * 6 + ours + ETHERTYPE + payload)
        while True:
            if not select.select([link], [], [], 10)[0]:
                sys.exit(f"frames.py: no answer to frame {number}")
            frame, address = link.recvfrom(65536)
            if address[2] != socket.PACKET_OUTGOING:
                break
        if frame[:6] != ours or frame[12:] != ETHERTYPE + payload:
            sys.exit(f"frames.py: frame {number} came back changed")
        answered = frame[6:12]
    print("answered by", answered.hex(":"))


main()
