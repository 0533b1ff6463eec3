// Protocols that others made, written from docs/mpl.md alone; test/e2e/dissectors.py compares them with tshark.

// Trivial File Transfer Protocol (RFC 1350, RFC 2347).
packet tftp {
	opcode: uint16;
	classify (opcode) {
	| 1:"Read" ->
		file: cstring;
		mode: cstring;
		options: list (remaining()) of tftp_option;
	| 2:"Write" ->
		file: cstring;
		mode: cstring;
		options: list (remaining()) of tftp_option;
	| 3:"Data" ->
		block: uint16;
		data: byte[remaining()];
	| 4:"Acknowledgement" ->
		block: uint16;
	| 5:"Error" ->
		code: uint16;
		message: cstring;
	| 6:"OptionAcknowledgement" ->
		options: list (remaining()) of tftp_option;
	};
}

packet tftp_option {
	name: cstring;
	value: cstring;
}

// Real-time Transport Protocol (RFC 3550). What may be missing is an array of none or one.
packet rtp {
	version: bit[2] const(2);
	padding: bit[1] default(0);
	extension: bit[1] value(array_length(extensions));
	source_count: bit[4] value(array_length(sources));
	marker: bit[1] default(0);
	payload_type: bit[7];
	sequence: uint16;
	timestamp: uint32;
	ssrc: uint32;
	sources: uint32[source_count];
	extensions: array (extension) of rtp_extension;
	payload: byte[remaining()];
}

packet rtp_extension {
	profile: uint16;
	length: uint16 value(sizeof(data) / 4);
	data: byte[length * 4] align(32);
}

// Virtual Router Redundancy Protocol version 3 (RFC 5798).
packet vrrp(pseudo addresses) {
	version: bit[4] const(3);
	type: bit[4] variant { | 1 => Advertisement };
	router: byte min(1);
	priority: byte default(100);
	count: byte value(array_length(routers));
	reserved: bit[4] default(0);
	interval: bit[12] default(100);   // in hundredths of a second
	checksum: uint16 checksum(internet, packet, addresses);
	routers: ipv4[count];
}

// Link Layer Discovery Protocol (IEEE 802.1AB).
packet lldp {
	tlvs: list (remaining()) of lldp_tlv until("End");
}

packet lldp_tlv {
	type: bit[7];
	length: bit[9] value(total() - 2);
	classify (type) {
	| 0:"End" -> ();
	| 1:"Chassis" ->
		subtype: byte variant { | 4 => MacAddress | 5 -> NetworkAddress | 7 -> Local };
		identifier: byte[length - 1];
	| 2:"Port" ->
		subtype: byte variant { | 3 => MacAddress | 5 -> InterfaceName | 7 -> Local };
		identifier: byte[length - 1];
	| 3:"TimeToLive" ->
		seconds: uint16;
	| 5:"SystemName" ->
		name: byte[length];
	| _:"Other" ->
		data: byte[length];
	};
}

// The fixed header of MQTT 3.1.1, for messages of up to 16 KB: a length of one byte or two.
packet mqtt {
	type: bit[4] variant { | 1 -> Connect | 2 -> ConnectAcknowledgement | 3 -> Publish | 12 -> Ping };
	flags: bit[4] default(0);
	more: bit[1];
	classify (more) {
	| 0:"Short" ->
		length: bit[7] value(sizeof(body));
		body: byte[length];
	| 1:"Long" ->
		low: bit[7] value(sizeof(body) & 0x7f);
		last: bit[1] const(0);
		high: bit[7] min(1) value(sizeof(body) >> 7);
		body: byte[high * 128 + low];
	};
}

// Generic Routing Encapsulation (RFC 2784, RFC 2890). A checksum that may be missing is not verified here.
packet gre {
	has_checksum: bit[1] value(array_length(checksums));
	reserved: bit[1] default(0);
	has_key: bit[1] value(array_length(keys));
	has_sequence: bit[1] value(array_length(sequences));
	reserved_flags: bit[9] default(0);
	version: bit[3] const(0);
	protocol: uint16;
	checksums: array (has_checksum) {
		checksum: uint16;
		reserved: uint16 default(0);
	};
	keys: uint32[has_key];
	sequences: uint32[has_sequence];
	data: byte[remaining()];
}

// Virtual eXtensible LAN (RFC 7348).
packet vxlan {
	reserved_flags: bit[4] default(0);
	valid: bit[1] const(1);
	more_flags: bit[3] default(0);
	reserved: uint24 default(0);
	network: uint24;
	reserved_last: byte default(0);
	frame: byte[remaining()];
}

// Remote Authentication Dial In User Service (RFC 2865).
packet radius {
	code: byte variant { | 1 -> AccessRequest | 2 -> AccessAccept | 3 -> AccessReject };
	identifier: byte;
	length: uint16 max(4096) value(offset(attributes));
	authenticator: byte[16];
	attributes: list (length - 20) of radius_attribute;
}

packet radius_attribute {
	type: byte;
	length: byte value(total());
	classify (type) {
	| 1:"UserName" ->
		name: byte[length - 2];
	| 4:"ServerAddress" ->
		address: ipv4;
	| 5:"ServerPort" ->
		port: uint32;
	| 26:"VendorSpecific" ->
		vendor: uint32;
		data: byte[length - 6];
	| _:"Other" ->
		data: byte[length - 2];
	};
}

// The record layer of TLS (RFC 8446 section 5.1).
packet tls_record {
	type: byte variant { | 20 -> ChangeCipherSpec | 21 -> Alert | 22 -> Handshake | 23 -> ApplicationData };
	version: uint16;
	length: uint16 max(16640) value(sizeof(fragment));
	fragment: byte[length];
}
