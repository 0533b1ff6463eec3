// SPDX-License-Identifier: ISC
// Internet Protocol version 6 with its extension headers (RFC 8200; RFC 4302 for authentication).

import "ipv4.mpl";   // ip_protocol

packet ipv6 {
	version: bit[4] const(6);
	traffic_class: bit[8] default(0);
	flow_label: bit[20] default(0);
	payload_length: uint16 value(offset(data) - offset(destination));
	next_header: ip_protocol;
	hop_limit: byte default(64);
	source: ipv6;
	destination: ipv6;
	extensions: chain(next_header) of ipv6_extension;
	data: byte[payload_length - sizeof(extensions)];
}

packet ipv6_extension(byte kind) {
	next_header: ip_protocol;
	classify (kind) {
	| 0:"HopByHop" ->
		length: byte value(offset(options) / 8 - 1);   // in units of 8 bytes, without the first
		options: list(length * 8 + 6) of ipv6_option;
	| 43:"Routing" ->
		length: byte value(offset(data) / 8 - 1);
		type: byte;
		segments_left: byte;
		data: byte[length * 8 + 4];
	| 44:"Fragment" ->
		reserved: byte default(0);
		fragment_offset: bit[13];              // in units of 8 bytes
		reserved_bits: bit[2] default(0);
		more_fragments: bit[1];
		identification: uint32;
	| 51:"Authentication" ->
		length: byte min(1) value(offset(check_value) / 4 - 2);   // in units of 4 bytes
		reserved: uint16 default(0);
		parameters_index: uint32;
		sequence: uint32;
		check_value: byte[(length + 2) * 4 - offset(sequence)];
	| 60:"Destination" ->
		length: byte value(offset(options) / 8 - 1);
		options: list(length * 8 + 6) of ipv6_option;
	};
}

// Options of hop-by-hop and destination headers. The builder's caller pads with Pad1 and PadN.
packet ipv6_option {
	type: byte;
	classify (type) {
	| 0:"Pad1" -> ();
	| 1:"PadN" ->
		length: byte value(sizeof(zeros));
		zeros: byte[length];
	| 5:"RouterAlert" ->
		length: byte const(2);
		value: uint16;
	| 0xc2:"Jumbo" ->
		length: byte const(4);
		payload_length: uint32 min(65536);
	| _:"Other" ->
		length: byte value(sizeof(data));
		data: byte[length];
	};
}
