// SPDX-License-Identifier: ISC
// Domain Name System messages (RFC 1035, RFC 3596, RFC 2782, RFC 6891).

typedef dns_type uint16 variant {
	| 1 -> A | 2 -> NS | 5 -> CNAME | 6 -> SOA | 12 -> PTR | 15 -> MX | 16 -> TXT
	| 28 -> AAAA | 33 -> SRV | 41 -> OPT | 43 -> DS | 46 -> RRSIG | 48 -> DNSKEY
	| 65 -> HTTPS | 252 -> AXFR | 255 -> ANY
};

packet dns {
	identification: uint16;
	response: bit[1] default(0);
	opcode: bit[4] variant { | 0 => Query | 2 -> Status | 4 -> Notify | 5 -> Update };
	authoritative: bit[1] default(0);
	truncated: bit[1] default(0);
	recursion_desired: bit[1] default(0);
	recursion_available: bit[1] default(0);
	reserved: bit[1] default(0);
	authenticated: bit[1] default(0);
	checking_disabled: bit[1] default(0);
	rcode: bit[4] variant {
		| 0 => NoError | 1 -> FormatError | 2 -> ServerFailure | 3 -> NameError
		| 4 -> NotImplemented | 5 -> Refused
	};
	question_count: uint16 value(array_length(questions));
	answer_count: uint16 value(array_length(answers));
	authority_count: uint16 value(array_length(authorities));
	additional_count: uint16 value(array_length(additionals));
	questions: array (question_count) of dns_question;
	answers: array (answer_count) of dns_record;
	authorities: array (authority_count) of dns_record;
	additionals: array (additional_count) of dns_record;
}

packet dns_question {
	name: dns_label_comp;
	type: dns_type;
	class: uint16 default(1);
}

packet dns_record {
	name: dns_label_comp;
	type: uint16;
	class: uint16 default(1);                   // for OPT: the size of messages taken
	ttl: uint32 default(0);                     // seconds
	classify (type) {
	| 1:"A" ->
		length: uint16 const(4);
		address: ipv4;
	| 2:"NS" ->
		length: uint16 value(sizeof(server));
		server: dns_label_comp;
	| 5:"CNAME" ->
		length: uint16 value(sizeof(target));
		target: dns_label_comp;
	| 6:"SOA" ->
		length: uint16 value(offset(minimum) - offset(length));
		primary: dns_label_comp;
		mailbox: dns_label_comp;
		serial: uint32;
		refresh: uint32;
		retry: uint32;
		expire: uint32;
		minimum: uint32;
	| 12:"PTR" ->
		length: uint16 value(sizeof(target));
		target: dns_label_comp;
	| 15:"MX" ->
		length: uint16 value(offset(exchange) - offset(length));
		preference: uint16;
		exchange: dns_label_comp;
	| 16:"TXT" ->
		length: uint16 value(sizeof(texts));
		texts: list (length) { text: string8; };
	| 28:"AAAA" ->
		length: uint16 const(16);
		address: ipv6;
	| 33:"SRV" ->
		length: uint16 value(offset(target) - offset(length));
		priority: uint16;
		weight: uint16;
		port: uint16;
		target: dns_label;                  // never compressed (RFC 2782)
	| _:"Other" ->
		length: uint16 value(sizeof(data));
		data: byte[length];
	};
}
