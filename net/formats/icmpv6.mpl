// SPDX-License-Identifier: ISC
// ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861, RFC 8106) and listener reports (RFC 3810).

packet icmpv6(pseudo addresses) {
	type: byte;
	code: byte default(0);
	checksum: uint16 checksum(internet, packet, addresses);
	classify (type) {
	| 1:"Unreachable" ->
		unused: uint32 default(0);
		original: byte[remaining()];
	| 2:"PacketTooBig" ->
		mtu: uint32;
		original: byte[remaining()];
	| 3:"TimeExceeded" ->
		unused: uint32 default(0);
		original: byte[remaining()];
	| 4:"ParameterProblem" ->
		pointer: uint32;
		original: byte[remaining()];
	| 128:"Echo" ->
		identifier: uint16;
		sequence: uint16;
		data: byte[remaining()];
	| 129:"EchoReply" ->
		identifier: uint16;
		sequence: uint16;
		data: byte[remaining()];
	| 133:"RouterSolicitation" ->
		reserved: uint32 default(0);
		options: list(remaining()) of ndp_option;
	| 134:"RouterAdvertisement" ->
		hop_limit: byte;
		managed: bit[1];
		other: bit[1];
		home_agent: bit[1] default(0);
		preference: bit[2] variant { | 0 => Medium | 1 -> High | 3 -> Low };
		proxy: bit[1] default(0);
		reserved: bit[2] default(0);
		lifetime: uint16;                  // seconds
		reachable_time: uint32;            // milliseconds
		retransmit_time: uint32;
		options: list(remaining()) of ndp_option;
	| 135:"NeighbourSolicitation" ->
		reserved: uint32 default(0);
		target: ipv6;
		options: list(remaining()) of ndp_option;
	| 136:"NeighbourAdvertisement" ->
		router: bit[1];
		solicited: bit[1];
		override: bit[1];
		reserved: bit[29] default(0);
		target: ipv6;
		options: list(remaining()) of ndp_option;
	| 137:"Redirect" ->
		reserved: uint32 default(0);
		target: ipv6;
		destination: ipv6;
		options: list(remaining()) of ndp_option;
	| 143:"ListenerReport" ->
		reserved: uint16 default(0);
		count: uint16 value(array_length(records));
		records: array (count) of multicast_record;
	| _:"Other" ->
		body: byte[remaining()];
	};
}

// Sizes are in units of 8 bytes; an option of size 0 is an error (RFC 4861 section 4.6).
packet ndp_option {
	type: byte;
	classify (type) {
	| 1:"SourceLinkAddress" ->
		length: byte const(1);
		address: mac;
	| 2:"TargetLinkAddress" ->
		length: byte const(1);
		address: mac;
	| 3:"Prefix" ->
		length: byte const(4);
		prefix_length: byte max(128);
		on_link: bit[1];
		autonomous: bit[1];
		router_address: bit[1] default(0);
		reserved: bit[5] default(0);
		valid_lifetime: uint32;            // seconds; all ones: for ever
		preferred_lifetime: uint32;
		reserved_later: uint32 default(0);
		prefix: ipv6;
	| 4:"Redirected" ->
		length: byte min(1) value(offset(original) / 8);
		reserved: byte[6];
		original: byte[length * 8 - 8] align(64);
	| 5:"MTU" ->
		length: byte const(1);
		reserved: uint16 default(0);
		mtu: uint32;
	| 25:"NameServers" ->
		length: byte min(3) value(offset(servers) / 8);
		reserved: uint16 default(0);
		lifetime: uint32;
		servers: list (length * 8 - 8) { address: ipv6; };
	| 31:"SearchList" ->
		length: byte min(2) value(offset(domains) / 8);
		reserved: uint16 default(0);
		lifetime: uint32;
		domains: byte[length * 8 - 8] align(64);   // names without pointers, then zeros
	| _:"Other" ->
		length: byte min(1) value(offset(data) / 8);
		data: byte[length * 8 - 2] align(64);
	};
}

packet multicast_record {
	type: byte variant {
		| 1 -> IsInclude | 2 -> IsExclude | 3 -> ToInclude | 4 -> ToExclude
		| 5 -> AllowNew | 6 -> BlockOld
	};
	auxiliary_length: byte value(sizeof(auxiliary) / 4);
	source_count: uint16 value(array_length(sources));
	group: ipv6;
	sources: array (source_count) { address: ipv6; };
	auxiliary: byte[auxiliary_length * 4] align(32);
}
