#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Compare what the generated parsers read with what tshark reads, field by field.

Two network namespaces talk: ping over IPv4 and IPv6 (with ARP and neighbour discovery before), TCP, DHCP
and DNS by busybox, NTP. tcpdump records it; each value that test/e2e/formats/decode.c finds must be
among those that tshark finds under the same name. Prints TAP, a test per protocol.
"""
import collections
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
A, B = f"mplc-a{os.getpid()}", f"mplc-b{os.getpid()}"
PROTOCOLS = ["eth", "arp", "ip", "icmp", "ipv6", "icmpv6", "udp", "tcp", "dns", "dhcp", "ntp"]


def run(*command, **keywords):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keywords)


def within(namespace, *command, **keywords):
    return run("ip", "netns", "exec", namespace, *command, **keywords)


def set_up():
    run("ip", "netns", "add", A)
    run("ip", "netns", "add", B)
    run("ip", "link", "add", "va", "netns", A, "type", "veth", "peer", "name", "vb", "netns", B)
    for namespace, link, last in ((A, "va", 1), (B, "vb", 2)):
        within(namespace, "ip", "link", "set", "lo", "up")
        within(namespace, "ip", "addr", "add", f"10.9.0.{last}/24", "dev", link)
        within(namespace, "ip", "addr", "add", f"fd00:9::{last}/64", "dev", link, "nodad")
        # The kernel would leave checksums to a device that there is not.
        subprocess.run(["ip", "netns", "exec", namespace, "ethtool", "-K", link, "tx", "off", "tso", "off",
                        "gso", "off"], check=False, capture_output=True)
        within(namespace, "ip", "link", "set", link, "up")


def tear_down():
    for namespace in (A, B):
        subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)


def name(text):
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


def dns_answer():
    """An answer with pointers: an alias, its addresses, a mail exchange."""
    question = name("www.example.org") + struct.pack("!HH", 1, 1)
    alias = struct.pack("!HHHIH", 0xC00C, 5, 1, 300, 6) + b"\3web" + b"\xc0\x10"
    web = 12 + len(question) + 12
    four = struct.pack("!HHHIH", 0xC000 | web, 1, 1, 60, 4) + bytes([192, 0, 2, 80])
    six = struct.pack("!HHHIH", 0xC000 | web, 28, 1, 60, 16) + socket.inet_pton(socket.AF_INET6, "2001:db8::80")
    mail = struct.pack("!HHHIHH", 0xC010, 15, 1, 3600, 9, 10) + b"\4mail" + b"\xc0\x10"
    return struct.pack("!HHHHHH", 0x1234, 0x8180, 1, 4, 0, 0) + question + alias + four + six + mail


# What runs within a namespace, as programs of their own.
SERVER = """
import socket, threading
listener = socket.create_server(("10.9.0.2", 8080))
def serve():
    peer, _ = listener.accept()
    peer.recv(100); peer.sendall(b"x" * 3000); peer.close()
threading.Thread(target=serve).start()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("10.9.0.2", 53))
print("ready", flush=True)
query, peer = udp.recvfrom(600)
udp.sendto(query[:2] + ANSWER[2:], peer)
"""
CLIENT = """
import socket
tcp = socket.create_connection(("10.9.0.2", 8080)); tcp.sendall(b"GET")
while tcp.recv(4096): pass
tcp.close()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.settimeout(5)
udp.sendto(QUERY, ("10.9.0.2", 53)); udp.recv(600)
udp.sendto(NTP, ("10.9.0.2", 123))
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); six.sendto(NTP, ("fd00:9::2", 123))
"""


def dhcp(scratch):
    """A whole exchange, by busybox."""
    with open(f"{scratch}/udhcpd.conf", "w", encoding="ascii") as file:
        file.write(f"start 10.9.0.100\nend 10.9.0.110\ninterface vb\nlease_file {scratch}/leases\n"
                   f"pidfile {scratch}/pid\noption subnet 255.255.255.0\noption router 10.9.0.2\n"
                   "option dns 10.9.0.2\noption lease 600\n")
    with open(f"{scratch}/leases", "w", encoding="ascii"):
        pass
    server = subprocess.Popen(["ip", "netns", "exec", B, "busybox", "udhcpd", "-f", f"{scratch}/udhcpd.conf"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        subprocess.run(["ip", "netns", "exec", A, "busybox", "udhcpc", "-i", "va", "-n", "-q", "-t", "5",
                        "-T", "1", "-s", "/bin/true"], check=True, capture_output=True, timeout=20)
    finally:
        server.terminate()
        server.wait()


def talk(scratch):
    within(A, "ping", "-c", "2", "-i", "0.2", "10.9.0.2")
    within(A, "ping", "-c", "2", "-i", "0.2", "fd00:9::2")
    query = struct.pack("!HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + name("www.example.org") + b"\0\1\0\1"
    ntp = bytes([0x23, 0, 6, 0xE9]) + bytes(8) + b"INIT" + bytes(24) + struct.pack("!Q", 0xE0000000 << 32)
    server = subprocess.Popen(["ip", "netns", "exec", B, sys.executable, "-c",
                               SERVER.replace("ANSWER", repr(dns_answer()))], stdout=subprocess.PIPE)
    server.stdout.readline()
    within(A, sys.executable, "-c", CLIENT.replace("QUERY", repr(query)).replace("NTP", repr(ntp)), timeout=20)
    server.wait(timeout=20)
    dhcp(scratch)


def capture(scratch):
    path = f"{scratch}/traffic.pcap"
    set_up()
    tcpdump = subprocess.Popen(["ip", "netns", "exec", A, "tcpdump", "-U", "--immediate-mode", "-i", "va", "-w", path],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    tcpdump.stderr.readline()  # "listening on ..."
    try:
        talk(scratch)
        time.sleep(0.5)
    finally:
        tcpdump.terminate()
        tcpdump.wait()
    return path


def flatten(key, value, values):
    """All values by name, wherever they are in the tree."""
    if isinstance(value, dict):
        for inner, part in value.items():
            flatten(inner, part, values)
    elif isinstance(value, list):
        for part in value:
            flatten(key, part, values)
    else:
        values[key].append(normal(value))


def normal(value):
    """A number however it is written, else the text."""
    text = str(value)
    if text in ("True", "true"):
        return 1
    if text in ("False", "false"):
        return 0
    try:
        return int(text, 0)
    except ValueError:
        pass
    if text.replace(":", "").replace(".", "").isdigit() or ":" in text:
        return text.lower()
    return text


def seen_by_tshark(path):
    output = run("tshark", "-n", "-r", path, "-T", "json", "--no-duplicate-keys",
                 "-o", "tcp.desegment_tcp_streams:FALSE").stdout
    frames = []
    for packet in json.loads(output):
        values = collections.defaultdict(list)
        flatten("", packet["_source"]["layers"], values)
        frames.append(values)
    return frames


def seen_by_us(path):
    frames = []
    for line in run(f"{ROOT}/build/test/formats_decode", path, text=True).stdout.splitlines():
        if line.startswith("frame "):
            frames.append([])
        else:
            frames[-1].append(line.split("=", 1))
    return frames


def compare(path):
    """Number of compared values and differences, by protocol."""
    compared, different = collections.Counter(), collections.defaultdict(list)
    theirs, ours = seen_by_tshark(path), seen_by_us(path)
    if len(theirs) != len(ours):
        different["eth"].append(f"{len(theirs)} frames by tshark, {len(ours)} by us")
    for number, (their, our) in enumerate(zip(theirs, ours), 1):
        for key, value in our:
            protocol = key.split(".")[0]
            if key == "failed":
                different[value.split()[0]].append(f"frame {number}: {value}")
                continue
            compared[protocol] += 1
            if normal(value) not in their[key]:
                different[protocol].append(f"frame {number}: {key} is {value}, tshark has {their[key]}")
    return compared, different


def main():
    reason = next((f"{tool} is not installed" for tool in ("tshark", "tcpdump", "ip", "ping", "busybox")
                   if shutil.which(tool) is None), None)
    if reason is None and os.geteuid() != 0:
        reason = "network namespaces need root"
    print(f"1..{len(PROTOCOLS)}")
    if reason is not None:
        for number, protocol in enumerate(PROTOCOLS, 1):
            print(f"ok {number} {protocol} as tshark reads it # SKIP {reason}")
        return 0
    scratch = tempfile.mkdtemp(prefix="formats-")
    try:
        compared, different = compare(capture(scratch))
    finally:
        tear_down()
        shutil.rmtree(scratch, ignore_errors=True)
    failed = 0
    for number, protocol in enumerate(PROTOCOLS, 1):
        good = compared[protocol] > 0 and not different[protocol]
        print(f"{'ok' if good else 'not ok'} {number} {protocol} as tshark reads it: {compared[protocol]} values")
        for line in different[protocol][:20]:
            print(f"#   {line}")
        if compared[protocol] == 0:
            print("#   nothing of it was captured")
        failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
