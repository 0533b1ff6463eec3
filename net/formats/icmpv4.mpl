// SPDX-License-Identifier: ISC
// Internet Control Message Protocol (RFC 792, RFC 950, RFC 1191, RFC 1256).

packet icmpv4 {
	type: byte;
	code: byte default(0);
	checksum: uint16 checksum(internet, packet);
	classify (type) {
	| 0:"EchoReply" ->
		identifier: uint16;
		sequence: uint16;
		data: byte[remaining()];
	| 3:"Unreachable" ->
		unused: uint16 default(0);
		next_hop_mtu: uint16 default(0);   // with code 4
		original: byte[remaining()];
	| 4:"SourceQuench" ->
		unused: uint32 default(0);
		original: byte[remaining()];
	| 5:"Redirect" ->
		gateway: ipv4;
		original: byte[remaining()];
	| 8:"Echo" ->
		identifier: uint16;
		sequence: uint16;
		data: byte[remaining()];
	| 9:"RouterAdvertisement" ->
		count: byte value(array_length(routers));
		entry_size: byte const(2);
		lifetime: uint16;                  // seconds
		routers: array (count) {
			address: ipv4;
			preference: int32;
		};
	| 10:"RouterSolicitation" ->
		reserved: uint32 default(0);
	| 11:"TimeExceeded" ->
		unused: uint32 default(0);
		original: byte[remaining()];
	| 12:"ParameterProblem" ->
		pointer: byte;
		unused: uint24 default(0);
		original: byte[remaining()];
	| 13:"Timestamp" ->
		identifier: uint16;
		sequence: uint16;
		originate: uint32;                 // milliseconds since midnight UT
		receive: uint32;
		transmit: uint32;
	| 14:"TimestampReply" ->
		identifier: uint16;
		sequence: uint16;
		originate: uint32;
		receive: uint32;
		transmit: uint32;
	| 17:"MaskRequest" ->
		identifier: uint16;
		sequence: uint16;
		mask: ipv4;
	| 18:"MaskReply" ->
		identifier: uint16;
		sequence: uint16;
		mask: ipv4;
	| _:"Other" ->
		body: byte[remaining()];
	};
}
