/* Ethernet frames, in the language as it was: /* comments nest */ and nothing is imported. */
packet ethernet {
	dest_mac: byte[6];
	src_mac: byte[6];
	ethertype: uint16;
	classify (ethertype) {
	|0x0800:"IPv4" ->
		data: byte[remaining()];
	|0x0806:"ARP" ->
		hardware: uint16 const(1);
		protocol: uint16 const(0x0800);
		hardware_length: byte const(6);
		protocol_length: byte const(4);
		operation: uint16 variant { |1 => Request |2 -> Reply };
		sender_mac: byte[6];
		sender_ip: uint32;
		target_mac: byte[6];
		target_ip: uint32;
	|0x86dd:"IPv6" ->
		data: byte[remaining()];
	};
	end_of_packet: label;
}
