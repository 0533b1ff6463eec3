// SPDX-License-Identifier: ISC
// Address Resolution Protocol for IPv4 over Ethernet (RFC 826).

packet arp {
	hardware_type: uint16 const(1);
	protocol_type: uint16 const(0x0800);
	hardware_size: byte const(6);
	protocol_size: byte const(4);
	operation: uint16 variant { | 1 => Request | 2 -> Reply };
	sender_hardware: mac;
	sender_protocol: ipv4;
	target_hardware: mac;
	target_protocol: ipv4;
}
