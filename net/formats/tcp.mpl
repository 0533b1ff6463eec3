// SPDX-License-Identifier: ISC
// Transmission Control Protocol and its options (RFC 9293, RFC 2018, RFC 7323, RFC 7413).

packet tcp(pseudo addresses) {
	source_port: uint16;
	destination_port: uint16;
	sequence: uint32;
	acknowledgement: uint32 default(0);
	data_offset: bit[4] min(5) value(offset(options) / 4);   // in units of 4 bytes
	reserved: bit[4] default(0);
	cwr: bit[1] default(0);
	ece: bit[1] default(0);
	urg: bit[1] default(0);
	ack: bit[1] default(0);
	psh: bit[1] default(0);
	rst: bit[1] default(0);
	syn: bit[1] default(0);
	fin: bit[1] default(0);
	window: uint16;
	checksum: uint16 checksum(internet, packet, addresses);
	urgent: uint16 default(0);
	options: list(data_offset * 4 - offset(urgent)) of tcp_option until("End") align(32);
	data: byte[remaining()];
}

packet tcp_option {
	kind: byte;
	classify (kind) {
	| 0:"End" -> ();
	| 1:"Nop" -> ();
	| 2:"MSS" ->
		length: byte const(4);
		mss: uint16;
	| 3:"WindowScale" ->
		length: byte const(3);
		shift: byte;
	| 4:"SackPermitted" ->
		length: byte const(2);
	| 5:"Sack" ->
		length: byte min(2) value(offset(blocks));
		blocks: list (length - offset(length)) {
			left: uint32;
			right: uint32;
		};
	| 8:"Timestamps" ->
		length: byte const(10);
		value: uint32;
		echo: uint32;
	| 34:"FastOpen" ->
		length: byte min(2) value(offset(cookie));
		cookie: byte[length - offset(length)];
	| _:"Other" ->
		length: byte min(2) value(offset(data));
		data: byte[length - offset(length)];
	};
}
