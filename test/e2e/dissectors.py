#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What `mplc --lua` writes, run by tshark, beside tshark's own dissectors and beside the specification.

The traffic of formats.py is read twice, by tshark's own dissector of a protocol and by ours in its place:
each value of ours must be among those of theirs, and each of the fields below must have been met. Then
protocols that Wireshark does not know, from captures made of bytes on the spot. Prints TAP.
"""
import collections
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import traceback
import zlib

import formats

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MPLC = f"{ROOT}/build/bin/mplc"
SCRATCH = tempfile.mkdtemp(prefix="dissectors-")


def bits(value):
    return value * 8


def words(value):
    return value * 4


# A packet: where tshark finds it, and our name and tshark's for each field, perhaps with another unit.
OWN = {
    "ethernet": (["wtap_encap==1"], {"destination": "eth.dst", "source": "eth.src", "type": "eth.type"}),
    "arp": (["ethertype==0x0806"], {
        "operation": "arp.opcode", "hardware_size": "arp.hw.size", "sender_hardware": "arp.src.hw_mac",
        "sender_protocol": "arp.src.proto_ipv4", "target_hardware": "arp.dst.hw_mac",
        "target_protocol": "arp.dst.proto_ipv4"}),
    "ipv4": (["ethertype==0x0800"], {
        "version": "ip.version", "ihl": ("ip.hdr_len", words), "dscp": "ip.dsfield.dscp",
        "ecn": "ip.dsfield.ecn", "length": "ip.len", "identification": "ip.id",
        "dont_fragment": "ip.flags.df", "more_fragments": "ip.flags.mf",
        "fragment_offset": ("ip.frag_offset", bits), "ttl": "ip.ttl", "protocol": "ip.proto",
        "checksum": "ip.checksum", "source": "ip.src", "destination": "ip.dst"}),
    "icmpv4": (["ip.proto==1"], {
        "type": "icmp.type", "code": "icmp.code", "checksum": "icmp.checksum",
        "echo.identifier": "icmp.ident", "echo.sequence": "icmp.seq", "echo_reply.sequence": "icmp.seq"}),
    "ipv6": (["ethertype==0x86dd"], {
        "version": "ipv6.version", "traffic_class": "ipv6.tclass", "flow_label": "ipv6.flow",
        "payload_length": "ipv6.plen", "next_header": "ipv6.nxt", "hop_limit": "ipv6.hlim",
        "source": "ipv6.src", "destination": "ipv6.dst",
        "ipv6_extension.next_header": "ipv6.hopopts.nxt", "ipv6_option.type": "ipv6.opt.type",
        "ipv6_option.router_alert.value": "ipv6.opt.router_alert"}),
    "icmpv6": (["ip.proto==58"], {
        "type": "icmpv6.type", "code": "icmpv6.code", "checksum": "icmpv6.checksum",
        "echo.identifier": "icmpv6.echo.identifier", "echo.sequence": "icmpv6.echo.sequence_number",
        "neighbour_solicitation.target": "icmpv6.nd.ns.target_address",
        "neighbour_advertisement.target": "icmpv6.nd.na.target_address",
        "neighbour_advertisement.solicited": "icmpv6.nd.na.flag.s",
        "neighbour_advertisement.override": "icmpv6.nd.na.flag.o",
        "ndp_option.type": "icmpv6.opt.type", "ndp_option.source_link_address.address": "icmpv6.opt.linkaddr",
        "listener_report.count": "icmpv6.mldr.nb_mcast_records",
        "multicast_record.group": "icmpv6.mldr.mar.multicast_address"}),
    "udp": (["ip.proto==17"], {"source_port": "udp.srcport", "destination_port": "udp.dstport",
                               "length": "udp.length", "checksum": "udp.checksum"}),
    "tcp": (["ip.proto==6"], {
        "source_port": "tcp.srcport", "destination_port": "tcp.dstport", "sequence": "tcp.seq_raw",
        "acknowledgement": "tcp.ack_raw", "data_offset": ("tcp.hdr_len", words), "syn": "tcp.flags.syn",
        "ack": "tcp.flags.ack", "psh": "tcp.flags.push", "fin": "tcp.flags.fin", "rst": "tcp.flags.reset",
        "window": "tcp.window_size_value", "checksum": "tcp.checksum", "urgent": "tcp.urgent_pointer",
        "tcp_option.kind": "tcp.option_kind", "tcp_option.mss.mss": "tcp.options.mss_val",
        "tcp_option.window_scale.shift": "tcp.options.wscale.shift",
        "tcp_option.timestamps.value": "tcp.options.timestamp.tsval",
        "tcp_option.timestamps.echo": "tcp.options.timestamp.tsecr"}),
    "dns": (["udp.port==53"], {
        "identification": "dns.id", "response": "dns.flags.response", "opcode": "dns.flags.opcode",
        "recursion_desired": "dns.flags.recdesired", "question_count": "dns.count.queries",
        "answer_count": "dns.count.answers", "dns_question.name": "dns.qry.name",
        "dns_question.type": "dns.qry.type", "dns_record.name": "dns.resp.name",
        "dns_record.type": "dns.resp.type", "dns_record.ttl": "dns.resp.ttl", "dns_record.a.address": "dns.a",
        "dns_record.aaaa.address": "dns.aaaa", "dns_record.cname.target": "dns.cname",
        "dns_record.mx.preference": "dns.mx.preference", "dns_record.mx.exchange": "dns.mx.mail_exchange"}),
    "dhcpv4": (["udp.port==67", "udp.port==68"], {
        "operation": "dhcp.type", "hardware_size": "dhcp.hw.len", "transaction": "dhcp.id",
        "seconds": "dhcp.secs", "client": "dhcp.ip.client", "your": "dhcp.ip.your", "server": "dhcp.ip.server",
        "dhcpv4_option.message_type.type": "dhcp.option.dhcp",
        "dhcpv4_option.subnet_mask.mask": "dhcp.option.subnet_mask",
        "dhcpv4_option.routers.addresses.address": "dhcp.option.router",
        "dhcpv4_option.lease_time.seconds": "dhcp.option.ip_address_lease_time",
        "dhcpv4_option.server_identifier.address": "dhcp.option.dhcp_server_id"}),
    "ntp": (["udp.port==123"], {
        "leap": "ntp.flags.li", "version": "ntp.flags.vn", "mode": "ntp.flags.mode", "stratum": "ntp.stratum",
        "reference_id": "ntp.refid"}),
}


def tshark(path, scripts, layers, *options):
    """The frames of a capture, as values by name; an error of Lua is one of the test."""
    command = ["tshark", "-n", "-r", path, "-T", "json", "--no-duplicate-keys",
               "-o", "tcp.desegment_tcp_streams:FALSE", *options]
    for script in scripts:
        command += ["-X", f"lua_script:{script}"]
    for layer in layers:
        command += ["-d", layer]
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stderr
    assert "Lua" not in done.stderr and "Lua Error" not in done.stdout, done.stderr + done.stdout
    frames = []
    for packet in json.loads(done.stdout):
        values = collections.defaultdict(list)
        formats.flatten("", packet["_source"]["layers"], values)
        frames.append(values)
    return frames


def dissector(specification):
    formats.run(MPLC, "--lua", f"--output={SCRATCH}", specification)
    return f"{SCRATCH}/{os.path.basename(specification)[:-4]}.lua"


def registered(packet, layers):
    """The scripts and layers that put our dissector into place. Not all tables know "decode as"."""
    script = dissector(f"{ROOT}/net/formats/{packet}.mpl")
    if not layers[0].startswith("wtap_encap"):
        return [script], [f"{layer},mpl.{packet}" for layer in layers]
    table, value = layers[0].split("==")
    with open(f"{SCRATCH}/register.lua", "w", encoding="ascii") as file:
        file.write(f'DissectorTable.get("{table}"):add({value}, Dissector.get("mpl.{packet}"))\n')
    return [script, file.name], []


def compare(packet, ours, theirs, names):
    """Each value of ours is among theirs, under its name and in its unit; and each name was met."""
    met, compared = set(), 0
    for number, (our, their) in enumerate(zip(ours, theirs), 1):
        for field, name in names.items():
            name, unit = name if isinstance(name, tuple) else (name, lambda value: value)
            for value in our.get(f"mpl.{field}" if is_part(field) else f"mpl.{packet}.{field}", []):
                assert unit(value) in their[name], f"frame {number}: {field} is {value}, tshark has {their[name]}"
                met.add(field)
                compared += 1
    assert met == set(names), f"never met: {sorted(set(names) - met)}"
    return f"{compared} values"


def as_tshark_does(packet, path, theirs):
    layers, names = OWN[packet]
    scripts, decode_as = registered(packet, layers)
    ours = tshark(path, scripts, decode_as)
    for number, (our, their) in enumerate(zip(ours, theirs), 1):
        wrong = [text for text in complaints(our) if text not in complaints(their) and "bytes after" not in text]
        assert not wrong, f"frame {number}: {wrong}"
    return compare(packet, ours, theirs, names)


def is_part(field):
    """True for the name of another packet and its field. Those of arms and records begin with no packet's."""
    return field.split(".")[0].endswith(("_option", "_extension", "_record", "_question", "_tlv", "_attribute"))


def capture_of(payloads, wrap=("-u", "1000,5000")):
    """A capture of each; text2pcap puts them into datagrams or segments to a port, or takes them for frames."""
    with open(f"{SCRATCH}/bytes.txt", "w", encoding="ascii") as file:
        for payload in payloads:
            file.write("0000 " + " ".join(f"{byte:02x}" for byte in payload) + "\n")
    formats.run("text2pcap", "-q", *wrap, f"{SCRATCH}/bytes.txt", f"{SCRATCH}/bytes.pcap")
    return f"{SCRATCH}/bytes.pcap"


def read(specification, packet, payloads, *options):
    """What our dissector finds in datagrams, and what it has against them."""
    return tshark(capture_of(payloads), [dissector(specification)], [f"udp.port==5000,mpl.{packet}"], *options)


def expect(frame, packet, /, **fields):
    for field, wanted in fields.items():
        key = f"mpl.{packet}.{field.replace('__', '.')}"
        wanted = [formats.normal(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        assert frame[key] == wanted, f"{key} is {frame[key]}, not {wanted}"


def complaints(frame):
    return frame.get("_ws.expert.message", [])


SENSOR = """
packet sensor {
	version: bit[4] const(1);
	kind: bit[4] variant { | 1 => Temperature | 2 -> Pressure };
	count: byte value(array_length(samples));
	checksum: uint16 checksum(internet, packet);
	samples: array (count) { value: int16; };
	name: string8;
}
"""


def sensor():
    path = f"{SCRATCH}/sensor.mpl"
    with open(path, "w", encoding="ascii") as file:
        file.write(SENSOR)
    good = bytes.fromhex("11020b1500d7ffd8056174746963")
    wrong = bytearray(good)
    wrong[0] = 0x21
    frames = read(path, "sensor", [good, good[:7], good[:10], wrong, good + b"xy"])
    expect(frames[0], "sensor", version=1, kind=1, count=2, checksum=2837, samples__value=[215, -40], name="attic")
    assert not complaints(frames[0]), complaints(frames[0])
    assert complaints(frames[1]) == ["value needs 2 bytes and there are 1"], complaints(frames[1])
    expect(frames[1], "sensor", count=2, samples__value=215)
    assert complaints(frames[2]) == ["name needs 6 bytes and there are 2"], complaints(frames[2])
    assert complaints(frames[3]) == ["version is 2, expected 1", "wrong checksum"], complaints(frames[3])
    expect(frames[3], "sensor", name="attic")
    assert complaints(frames[4]) == ["2 bytes after the packet"], complaints(frames[4])
    stream = good * 3
    frames = tshark(capture_of([stream[:20], stream[20:24], stream[24:]], ["-T", "1000,5000"]), [f"{SCRATCH}/sensor.lua"],
                    ["tcp.port==5000,mpl.sensor"], "-o", "tcp.desegment_tcp_streams:TRUE")
    expect(frames[0], "sensor", name="attic")
    expect(frames[2], "sensor", name=["attic", "attic"])
    assert not any(complaints(frame) for frame in frames), [complaints(frame) for frame in frames]
    return "5 datagrams and a stream"


FEATURES = f"{ROOT}/test/mplc/features.mpl"


def from_highest(data, widths):
    number, left, values = int.from_bytes(data, "big"), len(data) * 8, []
    for width in widths:
        left -= width
        values.append(number >> left & (1 << width) - 1)
    return values


def from_lowest(data, widths):
    number, at, values = int.from_bytes(data, "little"), 0, []
    for width in widths:
        values.append(number >> at & (1 << width) - 1)
        at += width
    return values


def bit_fields():
    numbers = random.Random(1)
    samples = [numbers.randbytes(18) for _ in range(40)]
    widths = [3, 13, 33, 7, 64]
    for packet, oracle in (("bits_msb", from_highest), ("bits_lsb", from_lowest)):
        for data, frame in zip(samples, read(FEATURES, packet, [data[:15] for data in samples])):
            expect(frame, packet, **dict(zip("abcde", oracle(data[:15], widths))))
    for data, frame in zip(samples, read(FEATURES, "bits_shifted", samples)):
        expect(frame, "bits_shifted", **dict(zip(["head", "wide", "tail"], from_highest(data[:9], [3, 64, 5]))),
               **dict(zip(["lsb_head", "lsb_wide", "lsb_tail"], from_lowest(data[9:], [5, 64, 3]))))
    return "120 datagrams"


def integers():
    numbers = random.Random(2)
    samples = [numbers.randbytes(80) for _ in range(40)]
    places = [("a", 1, "big", False), ("b", 2, "little", False), ("c", 3, "big", False), ("d", 3, "little", False),
              ("e", 4, "little", False), ("f", 6, "big", False), ("g", 8, "little", False), ("h", 16, None, False),
              ("i", 16, None, False), ("j", 1, "big", True), ("k", 2, "big", True), ("l", 4, "little", True),
              ("m", 8, "big", True)]
    for data, frame in zip(samples, read(FEATURES, "integers", samples)):
        at = 0
        for field, size, order, is_signed in places:
            part = data[at:at + size]
            expect(frame, "integers", **{field: part.hex(":") if order is None else
                                         int.from_bytes(part, order, signed=is_signed)})
            at += size
        expect(frame, "integers", n=int(data[at] != 0))
    return "40 datagrams"


def packets():
    """One of everything else."""
    def one(packet, payload, problems=(), options=(), /, **fields):
        frame = read(FEATURES, packet, [payload], *options)[0]
        expect(frame, packet, **fields)
        assert complaints(frame) == list(problems), f"{packet}: {complaints(frame)}"

    one("trailing", bytes([5, 0, 0, 1, 0, 1, 0xab, 0xcd, 0x1f, 0xff]), new__value=256, new__flag=1,
        new__after=0xabcd, new__kind=1, new__full__rest=0xfff)
    one("trailing", bytes([5, 0, 0, 1, 0, 1, 0xab, 0xcd, 0x7f, 0xff]), ["no arm for kind 7"])
    one("guarded", b"\1\2hi", ask__question="hi")
    one("guarded", b"\1\2", [], ["-o", "mpl.guarded.answer:TRUE"], brief__result=2)
    one("guarded", b"\1\0\0\1\0", [], ["-o", "mpl.guarded.answer:TRUE", "-o", "mpl.guarded.level:4"],
        answer__result=256)
    one("by_text", b"\3put\1k\0\2ab", command="put", put__key="k", put__data="ab")
    one("by_flag", b"\2" + bytes(7) + b"\1", long__value=1)
    one("ended", b"HELO\0me\0loud\0\x0b", greeting="HELO", kind="loud", loud__volume=11)
    one("ended", b"helo\0me\0lo", ["greeting is helo, expected HELO", "kind needs 3 bytes and there are 2"])
    one("shapes", bytes([1]) + struct.pack(">iiii", -1, 2, 3, 4) + bytes([0, 1, 0, 2, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8]),
        from_x=-1, to_y=4, corners__value=[1, 2, 3], masks__value=["1.2.3.4", "5.6.7.8"])
    one("padded", bytes([1, 1, 2, 3, 9, 9, 9, 9, 4, 7, 1, 65, 0]), data="09:09:09:09")
    covered = bytes([2, 0, 6]) + bytes([1, 0, 0, 2, 7, 7]) + bytes([5, 0, 1, 65, 6, 0, 0])
    body = covered + struct.pack(">H", len(covered) + 6)
    one("parts", body + struct.pack(">I", zlib.crc32(covered)), count=2, size=6, total_size=len(body) + 4)
    one("parts", body + struct.pack(">I", zlib.crc32(covered) ^ 1), ["wrong checksum"])
    one("parts", body[:-1] + b"\0" + bytes(4), [f"total_size is 0, expected {len(body) + 4}", "wrong checksum"])
    both = tshark(capture_of([b"\1\0\2"]), [dissector(FEATURES), dissector(f"{ROOT}/test/mplc/imported.mpl")],
                  ["udp.port==5000,mpl.imported_part"])[0]
    expect(both, "imported_part", a=1)   # little-endian, and what follows is cut
    assert complaints(both) == ["b needs 2 bytes and there are 1"], complaints(both)
    one("computed", bytes([0x07, 0x03, 0x33, 1]) + struct.pack(">H", (0x33 << 4) % 1000 - 0x33 // 3))
    one("computed", bytes([0x08, 0x03, 0x33, 1]) + struct.pack(">H", (0x33 << 4) % 1000 - 0x33 // 3),
        ["a is 8, expected 7"])
    one("bounds", bytes([9, 200]) + struct.pack(">hQHI", -6, 5, 7, 0xdeadbeef) + b"\1",
        ["low is 9, expected 10 to 255", "high is 200, expected 0 to 100", "signed is -6, expected -5 to 5",
         "large is 5, expected at least 4294967296"])
    one("keywords", bytes([1, 2, 0, 3, 4]), int=1, default=2, it_s=3)
    return "20 datagrams"


def ethernet(kind, payload):
    return bytes.fromhex("0180c200000e 020000000001") + struct.pack(">H", kind) + payload


def ipv4(protocol, payload):
    """With right checksums; that of VRRP is over a pseudo header too."""
    def checksum(data):
        total = sum(struct.unpack(f">{len(data) // 2}H", data))
        return 0xffff - (total % 0xffff or 0xffff)
    addresses = bytes([10, 9, 0, 1, 10, 9, 0, 2])
    if protocol == 112:
        total = checksum(addresses + struct.pack(">HH", protocol, len(payload)) + payload)
        payload = payload[:6] + struct.pack(">H", total) + payload[8:]
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 255, protocol, 0) + addresses
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return ethernet(0x0800, header + payload)


def tlv(kind, value):
    return struct.pack(">H", kind << 9 | len(value)) + value


# Packets of protocols.mpl: how text2pcap wraps them, the layer, the bytes, and the names of fields.
OTHERS = {
    "tftp": (["-u", "1000,69"], "udp.port==69", [
        b"\0\1boot.bin\0octet\0blksize\0001400\0tsize\0000\0", b"\0\2log\0netascii\0", b"\0\3\0\7" + bytes(20),
        b"\0\4\0\7", b"\0\5\0\1No file\0"], {
            "opcode": "tftp.opcode", "read.file": "tftp.source_file", "write.file": "tftp.destination_file",
            "read.mode": "tftp.type", "tftp_option.name": "tftp.option.name", "tftp_option.value": "tftp.option.value",
            "data.block": "tftp.block", "acknowledgement.block": "tftp.block", "error.code": "tftp.error.code",
            "error.message": "tftp.error.message"}),
    "rtp": (["-u", "1000,5004"], "udp.port==5004", [
        struct.pack(">BBHIIIIHH", 0x92, 0x80 | 96, 7, 1234567, 0xdeadbeef, 1, 2, 0xbede, 1)[:20] +
        struct.pack(">HHI", 0xbede, 1, 0x10203040) + b"payload",
        struct.pack(">BBHII", 0x80, 0, 8, 99, 5) + b"plain"], {
            "version": "rtp.version", "padding": "rtp.padding", "extension": "rtp.ext", "source_count": "rtp.cc",
            "marker": "rtp.marker", "payload_type": "rtp.p_type", "sequence": "rtp.seq",
            "timestamp": "rtp.timestamp", "ssrc": "rtp.ssrc", "sources.value": "rtp.csrc.item",
            "rtp_extension.profile": "rtp.ext.profile", "rtp_extension.length": "rtp.ext.len",
            "payload": "rtp.payload"}),
    "vrrp": ([], "ip.proto==112", [ipv4(112, bytes([0x31, 9, 200, 2, 0, 100, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]))], {
        "version": "vrrp.version", "type": "vrrp.type", "router": "vrrp.virt_rtr_id", "priority": "vrrp.prio",
        "count": "vrrp.addr_count", "interval": "vrrp.short_adver_int", "checksum": "vrrp.checksum",
        "routers.value": "vrrp.ip_addr"}),
    "lldp": ([], "ethertype==0x88cc", [ethernet(0x88cc, tlv(1, b"\4\2\0\0\0\0\1") + tlv(2, b"\5eth0") +
                                                tlv(3, b"\0\x78") + tlv(5, b"attic") + tlv(0, b""))], {
        "lldp_tlv.type": "lldp.tlv.type", "lldp_tlv.length": "lldp.tlv.len",
        "lldp_tlv.chassis.subtype": "lldp.chassis.subtype", "lldp_tlv.port.subtype": "lldp.port.subtype",
        "lldp_tlv.time_to_live.seconds": "lldp.time_to_live"}),
    "mqtt": (["-T", "1000,1883"], "tcp.port==1883", [
        b"\x30\x0b\0\5topichell", b"\x30\xac\2\0\5topic" + bytes(293)], {
            "type": "mqtt.msgtype", "short.length": "mqtt.len"}),
    "gre": ([], "ip.proto==47", [ipv4(47, bytes.fromhex("b0000800 00000000 00000005 00000009") + b"data"),
                                 ipv4(47, bytes.fromhex("00000800") + b"data")], {
        "has_checksum": "gre.flags.checksum", "has_key": "gre.flags.key", "has_sequence": "gre.flags.sequence_number",
        "version": "gre.flags.version", "protocol": "gre.proto", "keys.value": "gre.key",
        "sequences.value": "gre.sequence_number"}),
    "vxlan": (["-u", "1000,4789"], "udp.port==4789", [b"\x08\0\0\0\0\x12\x34\0" + ethernet(0x1234, bytes(50))], {
        "valid": "vxlan.flag_i", "network": "vxlan.vni"}),
    "radius": (["-u", "1000,1812"], "udp.port==1812", [
        bytes([1, 7, 0, 20 + 7 + 6 + 6]) + bytes(range(16)) + b"\1\7alice" + bytes([4, 6, 10, 0, 0, 1]) +
        bytes([5, 6, 0, 0, 0, 3])], {
            "code": "radius.code", "identifier": "radius.id", "length": "radius.length",
            "authenticator": "radius.authenticator", "radius_attribute.type": "radius.avp.type",
            "radius_attribute.length": "radius.avp.length", "radius_attribute.server_port.port": "radius.NAS_Port",
            "radius_attribute.server_address.address": "radius.NAS_IP_Address"}),
    "tls_record": (["-T", "1000,443"], "tcp.port==443", [bytes([21, 3, 3, 0, 2, 2, 40]) * 2], {
        "type": "tls.record.content_type", "version": "tls.record.version", "length": "tls.record.length"}),
}


def others(packet):
    wrap, layer, payloads, names = OTHERS[packet]
    path = capture_of(payloads, wrap)
    script = dissector(f"{ROOT}/test/mplc/protocols.mpl")
    theirs = tshark(path, [], ["udp.port==5004,rtp"] if packet == "rtp" else [])
    ours = tshark(path, [script], [f"{layer},mpl.{packet}"], "-o", "tcp.desegment_tcp_streams:TRUE")
    compared = compare(packet, ours, theirs, names)
    for frame in ours:
        assert not complaints(frame), complaints(frame)
    return compared


def two_of_one_name():
    """Two files called udp.mpl: what the second says is not silently taken from the first."""
    first = dissector(f"{ROOT}/net/formats/udp.mpl")
    os.rename(first, f"{SCRATCH}/first.lua")
    second = dissector(f"{ROOT}/test/mplc/historical/udp.mpl")
    done = subprocess.run(["tshark", "-r", capture_of([b"x"]), "-X", f"lua_script:{SCRATCH}/first.lua",
                           "-X", f"lua_script:{second}"], check=False, capture_output=True, text=True)
    assert "mpl.udp is another one in a file loaded before" in done.stderr, done.stderr
    done = subprocess.run(["tshark", "-r", capture_of([b"x"]), "-X", f"lua_script:{SCRATCH}/first.lua",
                           "-X", f"lua_script:{SCRATCH}/first.lua"], check=False, capture_output=True, text=True)
    assert "another one" not in done.stderr, done.stderr
    return "said"


def historical():
    """The specifications of the historical compiler, one file after the other: all load, in one tshark."""
    folder = f"{ROOT}/test/mplc/historical"
    scripts = [dissector(f"{folder}/{name}") for name in sorted(os.listdir(folder)) if name.endswith(".mpl")]
    frame = tshark(capture_of([bytes.fromhex("04d20035000d000068656c6c6f")]), scripts, ["udp.port==5000,mpl.udp"])[0]
    assert len(frame["mpl.udp.data"]) == 1 and not complaints(frame), frame
    return f"{len(scripts)} files"


def hostile(path, theirs):
    """Changed and shortened packets of every protocol: whatever is found, no error of Lua."""
    numbers, count = random.Random(3), 0
    with open(path, "rb") as file:
        file.read(24)
        frames = []
        while header := file.read(16):
            frames.append(file.read(struct.unpack("=IIII", header)[2]))
    heads = {"ethernet": 0, "arp": 14, "ipv4": 14, "ipv6": 14, "icmpv4": 34, "icmpv6": 54, "udp": 34, "tcp": 34,
             "dns": 42, "dhcpv4": 42, "ntp": 42}
    for packet, head in heads.items():
        samples = []
        for _ in range(120):
            data = bytearray(numbers.choice(frames)[head:] or b"\0")
            for _ in range(numbers.randrange(4)):
                data[numbers.randrange(len(data))] = numbers.choice([0, 1, 0x7f, 0x80, 0xc0, 0xff])
            samples.append(bytes(data[:numbers.randrange(1, len(data) + 1)]))
        count += len(read(f"{ROOT}/net/formats/{packet}.mpl", packet, samples))
    assert theirs and count == 120 * len(heads)
    return f"{count} datagrams"


def main():
    reason = next((f"{tool} is not installed" for tool in ("tshark", "text2pcap", "tcpdump", "ip", "ping", "busybox")
                   if shutil.which(tool) is None), None)
    if reason is None and os.geteuid() != 0:
        reason = "network namespaces need root"
    traffic = theirs = None
    if reason is None:
        try:
            traffic = formats.capture(SCRATCH)
        finally:
            formats.tear_down()
        theirs = formats.seen_by_tshark(traffic)
    tests = [(f"{packet} as tshark reads it", lambda packet=packet: as_tshark_does(packet, traffic, theirs))
             for packet in OWN]
    tests += [(f"{packet} of protocols.mpl as tshark reads it", lambda packet=packet: others(packet))
              for packet in OTHERS]
    tests += [("a protocol of one's own", sensor), ("bit fields in both orders", bit_fields),
              ("integers in both orders", integers), ("every other feature of the language", packets),
              ("two packets of one name", two_of_one_name), ("historical specifications", historical), ("hostile bytes", lambda: hostile(traffic, theirs))]
    failed = 0
    print(f"1..{len(tests)}")
    for number, (title, test) in enumerate(tests, 1):
        if reason is not None:
            print(f"ok {number} {title} # SKIP {reason}")
            continue
        try:
            print(f"ok {number} {title}: {test()}")
        except (AssertionError, OSError, subprocess.SubprocessError, ValueError):
            failed += 1
            print(f"not ok {number} {title}")
            print("".join(f"#   {line}\n" for line in traceback.format_exc()[-600:].splitlines()), end="")
    shutil.rmtree(SCRATCH, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
