packet udp {
	source_port: uint16;
	dest_port: uint16;
	total_length: uint16 min(8) value(offset(data));
	checksum: uint16 default(0);
	header_end: label;
	data: byte[total_length - offset(header_end)];
}
