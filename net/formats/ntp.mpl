// SPDX-License-Identifier: ISC
// Network Time Protocol version 4 (RFC 5905 section 7.3).

packet ntp {
	leap: bit[2] variant { | 0 => NoWarning | 1 -> LastMinute61 | 2 -> LastMinute59 | 3 -> Unsynchronised };
	version: bit[3] default(4) min(1) max(4);
	mode: bit[3] variant {
		| 0 -> Reserved | 1 -> SymmetricActive | 2 -> SymmetricPassive | 3 => Client
		| 4 -> Server | 5 -> Broadcast | 6 -> Control | 7 -> Private
	};
	stratum: byte default(0);
	poll: int8 default(0);                 // log2 of seconds
	precision: int8 default(0);
	root_delay: uint32 default(0);         // seconds, 16 bits after the point
	root_dispersion: uint32 default(0);
	reference_id: byte[4];
	reference_time: uint64 default(0);     // seconds since 1900, 32 bits after the point
	origin_time: uint64 default(0);
	receive_time: uint64 default(0);
	transmit_time: uint64;
	extensions: byte[remaining()];         // ntp_extension after ntp_extension, then perhaps a MAC
}

packet ntp_extension {
	type: uint16;
	length: uint16 min(16) value(offset(data));
	data: byte[length - offset(length)] align(32);
}
