// SPDX-License-Identifier: ISC
// Ethernet II frames, without the frame check sequence (IEEE 802.3; RFC 894), and 802.1Q tags.

typedef ethertype uint16 variant {
	| 0x0800 -> IPv4
	| 0x0806 -> ARP
	| 0x8100 -> VLAN
	| 0x86dd -> IPv6
};

packet ethernet {
	destination: mac;
	source: mac;
	type: ethertype;
	data: byte[remaining()];
}

// What follows the type VLAN.
packet ethernet_vlan {
	priority: bit[3] default(0);
	drop_eligible: bit[1] default(0);
	identifier: bit[12];
	type: ethertype;
	data: byte[remaining()];
}
