// SPDX-License-Identifier: ISC
// Internet Protocol version 4 (RFC 791; RFC 2474 and RFC 3168 for the second byte).

typedef ip_protocol byte variant {
	| 0 -> HopByHop
	| 1 -> ICMP
	| 2 -> IGMP
	| 6 -> TCP
	| 17 -> UDP
	| 43 -> Routing
	| 44 -> Fragment
	| 47 -> GRE
	| 50 -> ESP
	| 51 -> AH
	| 58 -> ICMPv6
	| 59 -> NoNext
	| 60 -> DestinationOptions
	| 89 -> OSPF
	| 132 -> SCTP
};

packet ipv4 {
	version: bit[4] const(4);
	ihl: bit[4] min(5) value(offset(options) / 4);
	dscp: bit[6] default(0);
	ecn: bit[2] default(0);
	length: uint16 value(offset(data));
	identification: uint16 default(0);
	reserved: bit[1] default(0);
	dont_fragment: bit[1] default(0);
	more_fragments: bit[1] default(0);
	fragment_offset: bit[13] default(0);   // in units of 8 bytes
	ttl: byte default(64);
	protocol: ip_protocol;
	checksum: uint16 checksum(internet, version..options);
	source: ipv4;
	destination: ipv4;
	options: byte[ihl * 4 - offset(destination)] align(32);
	header_end: label;
	data: byte[length - offset(header_end)];
}
