// SPDX-License-Identifier: ISC
// Dynamic Host Configuration Protocol (RFC 2131) and its options (RFC 2132, RFC 3442, RFC 4361).

packet dhcpv4 {
	operation: byte variant { | 1 -> Request | 2 -> Reply };
	hardware_type: byte default(1);
	hardware_size: byte max(16) default(6);
	hops: byte default(0);
	transaction: uint32;
	seconds: uint16 default(0);
	broadcast: bit[1] default(0);
	flags: bit[15] default(0);
	client: ipv4;
	your: ipv4;
	server: ipv4;
	relay: ipv4;
	hardware: byte[16];
	server_name: byte[64];
	file: byte[128];
	cookie: uint32 const(0x63825363);
	options: list(remaining()) of dhcpv4_option until("End");
}

packet dhcpv4_option {
	code: byte;
	classify (code) {
	| 0:"Pad" -> ();
	| 255:"End" -> ();
	| 1:"SubnetMask" ->
		length: byte const(4);
		mask: ipv4;
	| 3:"Routers" ->
		length: byte min(4) value(sizeof(addresses));
		addresses: list (length) { address: ipv4; };
	| 6:"NameServers" ->
		length: byte min(4) value(sizeof(addresses));
		addresses: list (length) { address: ipv4; };
	| 12:"HostName" ->
		name: string8;
	| 15:"DomainName" ->
		name: string8;
	| 26:"MTU" ->
		length: byte const(2);
		mtu: uint16 min(68);
	| 28:"Broadcast" ->
		length: byte const(4);
		address: ipv4;
	| 42:"TimeServers" ->
		length: byte min(4) value(sizeof(addresses));
		addresses: list (length) { address: ipv4; };
	| 50:"RequestedAddress" ->
		length: byte const(4);
		address: ipv4;
	| 51:"LeaseTime" ->
		length: byte const(4);
		seconds: uint32;
	| 53:"MessageType" ->
		length: byte const(1);
		type: byte variant {
			| 1 -> Discover | 2 -> Offer | 3 -> Request | 4 -> Decline | 5 -> Ack
			| 6 -> Nak | 7 -> Release | 8 -> Inform
		};
	| 54:"ServerIdentifier" ->
		length: byte const(4);
		address: ipv4;
	| 55:"ParameterList" ->
		length: byte min(1) value(sizeof(codes));
		codes: byte[length];
	| 56:"Message" ->
		text: string8;
	| 57:"MaximumSize" ->
		length: byte const(2);
		size: uint16 min(576);
	| 58:"RenewalTime" ->
		length: byte const(4);
		seconds: uint32;
	| 59:"RebindingTime" ->
		length: byte const(4);
		seconds: uint32;
	| 60:"VendorClass" ->
		text: string8;
	| 61:"ClientIdentifier" ->
		length: byte min(2) value(sizeof(type) + sizeof(identifier));
		type: byte;
		identifier: byte[length - 1];
	| 121:"ClasslessRoutes" ->
		routes: string8;
	| _:"Other" ->
		data: string8;
	};
}
