option byte_order little;

packet imported_part(byte number) {
	a: uint16;
	b: uint16be;
	classify (number) {
	| 0..1:"Few" -> ();
	| _:"Many" ->
		rest: byte[remaining()];
	};
}

packet imported_item {
	key: uint16;
	value: string8;
}
