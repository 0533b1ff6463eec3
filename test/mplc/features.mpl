// What the language has beyond the formats of the network core, a packet for each.
import "imported.mpl";

const FEATURES_LIMIT = 4 * 25;
const FEATURES_LARGE = 0x1_0000_0000;

packet bits_msb {
	a: bit[3];
	b: bit[13];
	c: bit[33];
	d: bit[7];
	e: bit[64];
}

packet bits_lsb {
	a: bit_lsb[3];
	b: bit_lsb[13];
	c: bit_lsb[33];
	d: bit_lsb[7];
	e: bit_lsb[64];
}

packet bits_shifted {   // 64 bits that begin within a byte lie in nine bytes
	head: bit[3];
	wide: bit[64];
	tail: bit[5];
	lsb_head: bit_lsb[5];
	lsb_wide: bit_lsb[64];
	lsb_tail: bit_lsb[3];
}

packet integers {
	a: byte;
	b: uint16le;
	c: uint24;
	d: uint24le;
	e: uint32le;
	f: uint48;
	g: uint64le;
	h: uint128;
	i: uint128le;
	j: int8;
	k: int16;
	l: int32le;
	m: int64;
	n: boolean;
}

packet bounds {
	low: byte min(10);
	high: byte max(FEATURES_LIMIT);
	signed: int16 min(-5) max(5);
	large: uint64 min(FEATURES_LARGE);
	ordinary: uint16 default(7);
	constant: uint32 const(0xdeadbeef);
	yes: boolean const(true);
}

packet texts {
	small: string8;
	medium: string16;
	large: string32;
	number: mpint;
	greeting: string8 const("hi there?");
	mood: string8 variant { | "fine" -> Fine | "sad" -> Sad };
}



packet ended {   // texts that a 0 ends
	greeting: cstring const("HELO");
	from: cstring default("me");
	kind: cstring;
	classify (kind) {
	| "":"Plain" -> ();
	| "loud":"Loud" ->
		volume: byte;
	};
}

struct {
	x: int32;
	y: int32;
} point;

packet shapes {
	kind: byte;
	from: point;
	to: struct point;
	corners: uint16[3];
	masks: ipv4[2];
}

// What follows a classify goes into each arm.
packet trailing {
	version: byte;
	classify (version) {
	| 1:"Old" ->
		value: byte;
	| 2..9:"New" ->
		value: uint32;
		flag: boolean;
	| _:"Unknown" -> ();
	};
	after: uint16;
	kind: bit[4];
	classify (kind) {
	| 0:"Empty" ->
		rest: bit[4];
	| 1:"Full" ->
		rest: bit[12];
	};
	end: label;
}

// The same value means another thing in an answer.
packet guarded(bool answer, byte level) {
	code: byte;
	classify (code) {
	| 1:"Ask" when (!answer) ->
		question: string8;
	| 1:"Answer" when (answer && level > 3) ->
		result: uint32;
	| 1:"Brief" when (answer) ->
		result: byte;
	| 2:"Bye" -> ();
	};
}

packet by_text {
	command: string8;
	classify (command) {
	| "get":"Get" ->
		key: string8;
	| "put":"Put" ->
		key: string8;
		data: string16;
	};
}

packet by_flag {
	long: boolean;
	classify (long) {
	| true:"Long" ->
		value: uint64;
	| false:"Short" ->
		value: byte;
	};
}

packet parts {
	count: byte value(array_length(items));
	size: uint16 value(sizeof(inner));
	inner: packet imported_part(count)[size];
	items: array (count) of imported_item;
	total_size: uint16 value(total());
	crc: uint32 checksum(crc32, count..items);
}

// Ends and visitors of lists are variables too.
packet like_ends {
	each: string8;
	count: byte value(array_length(end));
	end: array (count) of padded_item;
	highest: uint16 max(65535);   // nothing to compare
	lowest: int8 min(-128);
}

// Parameters that are called like variables of generated functions.
packet like_variables(bool checked, int each, byte kind, uint16 list_end, int list_each, pseudo sum) {
	size: byte value(sizeof(list));
	context: byte;
	list: list (size) of padded_item until("End");
	classify (context) {
	| 1:"Some" when (checked && each > 3 && kind == 2 && list_end == 3 && list_each == 2) ->
		error: byte;
	| _:"Other" ->
		view: byte;
	};
	end: uint16 checksum(internet, packet, sum);
}

packet padded {
	words: byte value(sizeof(data) / 4);
	three: byte[3];
	data: byte[words * 4] align(32);
	size: byte value(sizeof(list));
	list: list (size) of padded_item until("End") align(32);
}

packet padded_item {
	key: byte;
	classify (key) {
	| 0:"End" -> ();
	| _:"Pair" ->
		value: string8;
	};
}

packet computed {
	a: byte value(b * 2 + 1);
	b: byte value(c & 0x0f);
	c: byte;
	d: boolean value(a > 5 || b == 2);
	e: uint16 value((c << 4) % 1000 - c / 3);
}

packet keywords {   // names that C keeps for itself
	int: byte;
	default: byte;
	it's: uint16;
	class: byte;
}
