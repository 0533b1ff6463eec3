// SPDX-License-Identifier: ISC
// User Datagram Protocol (RFC 768; RFC 8200 section 8.1 for IPv6).

packet udp(pseudo addresses) {
	source_port: uint16;
	destination_port: uint16;
	length: uint16 min(8) value(offset(data));
	checksum: uint16 checksum(internet, source_port..data, addresses, optional);
	data: byte[length - offset(checksum)];
}
