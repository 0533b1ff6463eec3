-- What the packets below stand on. Positions are offsets in `c.tvb`; a packet in progress is `c`:
-- its bytes from `at` up to `limit`, the values, ends, items and numbers of elements of its fields.
local STOP = {} -- raised when nothing after a place can be read; what is wrong is in the tree then

-- Scripts have environments of their own: what several of them define once is in the common one.
local mplc = _G.mplc
if mplc == nil then
	mplc = { proto = Proto("mpl", "Packets of mplc"), packets = {} }
	for _, kind in ipairs({ "truncated", "size", "value" }) do
		mplc[kind] = ProtoExpert.new("mpl." .. kind, "wrong " .. kind, expert.group.MALFORMED,
			expert.severity.ERROR)
	end
	mplc.checksum = ProtoExpert.new("mpl.checksum", "wrong checksum", expert.group.CHECKSUM,
		expert.severity.ERROR)
	mplc.rest = ProtoExpert.new("mpl.rest", "bytes after the packet", expert.group.UNDECODED,
		expert.severity.NOTE)
	_G.mplc = mplc
	mplc.proto.experts = { mplc.truncated, mplc.size, mplc.value, mplc.checksum, mplc.rest }
end
local packets = mplc.packets

local function fail(c, start, kind, text)
	start = math.max(math.min(start, c.limit), 0)
	c.root.truncated = kind == "truncated"
	if not (c.root.truncated and c.root.pinfo.can_desegment > 0) then
		c.tree:add_tvb_expert_info(mplc[kind], c.tvb(start, c.limit - start), text)
	end
	error(STOP, 0)
end

-- Stop unless the field's bytes are there.
local function need(c, key, start, size)
	if size < 0 then
		fail(c, start, "size", string.format("%s would have a size of %d", key, size))
	elseif start + size > c.limit then
		local text = string.format("%s needs %d bytes and there are %d", key, size, c.limit - start)
		if c.limit < c.root.length then
			fail(c, start, "size", text .. " in what has it")
		elseif c.root.cut then
			text = text .. ": the capture has no more"
		end
		fail(c, start, "truncated", text)
	end
end

local function enter(outer, at, limit, tree, fields)
	return { root = outer.root, tvb = outer.tvb, at = at, limit = limit, tree = tree, fields = fields,
		value = {}, finish = {}, item = {}, count = {} }
end

local function put(c, key, start, size, value, little)
	local field, range = c.fields[key], c.tvb(start, size)

	c.finish[key] = start + size
	if value ~= nil then
		c.item[key] = c.tree:add(field, range, value)
	elseif little then
		c.item[key] = c.tree:add_le(field, range)
	else
		c.item[key] = c.tree:add(field, range)
	end
	return range
end

local function integer(c, key, start, size, little)
	need(c, key, start, size)
	local range = put(c, key, start, size, nil, little)
	if size <= 4 then
		c.value[key] = little and range:le_uint() or range:uint()
	elseif size <= 8 then
		c.value[key] = (little and range:le_uint64() or range:uint64()):tonumber()
	end
end

local function signed(c, key, start, size, little)
	need(c, key, start, size)
	local range = put(c, key, start, size, nil, little)
	if size <= 4 then
		c.value[key] = little and range:le_int() or range:int()
	else
		c.value[key] = (little and range:le_int64() or range:int64()):tonumber()
	end
end

-- Some bits as a UInt64: from the highest down, or with `little` from the lowest up.
local function bits_of(tvb, start, phase, width, little)
	local size = math.ceil((phase + width) / 8)
	local value = UInt64(0)
	for i = 0, size - 1 do
		local byte = UInt64(tvb(start + (little and size - 1 - i or i), 1):uint())
		if i == 0 and size == 9 then -- those above the 64th are not the field's
			byte = byte:band(little and 2 ^ ((phase + width) % 8) - 1 or 2 ^ (8 - phase) - 1)
		end
		if i == size - 1 and size == 9 then
			local shift = little and phase or 72 - phase - width
			return value:lshift(8 - shift):bor(byte:rshift(shift))
		end
		value = value:lshift(8):bor(byte)
	end
	value = value:rshift(little and phase or size * 8 - phase - width)
	return width < 64 and value:band(UInt64(1):lshift(width) - 1) or value
end

local function bits(c, key, start, phase, width, little)
	local size = math.ceil((phase + width) / 8)
	need(c, key, start, size)
	local value = bits_of(c.tvb, start, phase, width, little)
	if size > 4 then
		put(c, key, start, size, value)
	else
		put(c, key, start, size, nil, little) -- the field has a mask
	end
	c.value[key] = value:tonumber()
end

local function boolean(c, key, start)
	need(c, key, start, 1)
	c.value[key] = put(c, key, start, 1):uint() ~= 0
end

local function address(c, key, start, size)
	need(c, key, start, size)
	put(c, key, start, size)
end

local function octets(c, key, start, size)
	need(c, key, start, size)
	c.finish[key] = start + size
	if size > 0 then
		put(c, key, start, size)
	end
end

-- A string after its length; `is_number` is for those that are no text.
local function text(c, key, start, prefix, little, is_number)
	need(c, key, start, prefix)
	local before = c.tvb(start, prefix)
	local size = little and before:le_uint() or before:uint()
	need(c, key, start, prefix + size)
	local range = c.tvb(start + prefix, size)
	c.value[key] = size > 0 and range:raw() or ""
	if is_number then
		octets(c, key, start + prefix, size)
	else
		put(c, key, start, prefix + size, size > 0 and range:string(ENC_UTF_8) or "")
	end
end

-- A string up to a byte 0.
local function cstring(c, key, start)
	local last = start
	repeat
		need(c, key, start, last + 1 - start)
		last = last + 1
	until c.tvb(last - 1, 1):uint() == 0
	c.value[key] = c.tvb(start, last - start):raw():sub(1, -2)
	put(c, key, start, last - start, c.tvb(start, last - start):stringz(ENC_UTF_8))
end

-- A domain name. Pointers are offsets in the message, each before all that was read of the name.
local function name(c, key, start)
	local at, before, size, finish, labels = start, start, 1, nil, {}
	while true do
		need(c, key, at, 1)
		local length = c.tvb(at, 1):uint()
		if length >= 0xc0 then
			need(c, key, at, 2)
			finish = finish or at + 2
			at = c.tvb(at, 2):uint() - 0xc000
			if at >= before then
				fail(c, start, "value", key .. " has a pointer that does not lead backwards")
			end
			before = at
		elseif length >= 0x40 then
			fail(c, start, "value", key .. " has a label of an unknown kind")
		elseif length == 0 then
			finish = finish or at + 1
			break
		else
			need(c, key, at, 1 + length)
			size = size + 1 + length
			if size > 255 then
				fail(c, start, "value", key .. " is longer than 255 bytes")
			end
			labels[#labels + 1] = c.tvb(at + 1, length):string()
			at = at + 1 + length
		end
	end
	put(c, key, start, finish - start, #labels > 0 and table.concat(labels, ".") or ".")
end

-- A packet within. The bytes it has are known (`size`), or it ends by itself.
local function part(c, key, start, of, given, size)
	if size ~= nil then
		need(c, key, start, size)
	end
	local limit = size ~= nil and start + size or c.limit
	local tree = c.tree:add(c.fields[key], c.tvb(start, limit - start))
	local inner = packets[of].dissect(c, start, limit, tree, given)

	tree:set_len(inner.over - start)
	c.finish[key], c.item[key] = limit, tree
	if size == nil then
		c.finish[key] = inner.over
	elseif inner.over ~= limit then
		fail(c, inner.over, "size", string.format("%s has %d bytes more than its parts",
			key, limit - inner.over))
	end
end

-- A list: `how` has `of` and `given`; `size` in bytes, the number of elements as `count`, or the
-- `kind` of the first and the field that has the `next`; the arm that is the `last`; `align` in bytes.
local function list(c, key, start, how)
	if how.size ~= nil then
		need(c, key, start, how.size)
	elseif how.count ~= nil and how.count < 0 then
		need(c, key, start, how.count)
	end
	local limit = how.size ~= nil and start + how.size or c.limit
	local tree = c.tree:add(c.fields[key], c.tvb(start, limit - start))
	local packet, at, count, kind = packets[how.of], start, 0, how.kind

	while (how.size == nil or at < limit) and (how.count == nil or count < how.count) and
		(kind == nil or packet.accepts(kind)) do
		local range = c.tvb(at, limit - at)
		local inner_tree = packet.proto and tree:add(packet.proto, range) or tree:add(range, key)
		local inner = packet.dissect(c, at, limit, inner_tree, how.given(kind))

		if inner.tag ~= nil then
			inner_tree:append_text(" " .. inner.tag)
		end
		inner_tree:set_len(inner.over - at)
		at, count = inner.over, count + 1
		kind = how.next and inner.value[how.next]
		if how.last ~= nil and inner.tag == how.last then
			break
		end
	end
	if how.size ~= nil then
		at = limit
	elseif how.align ~= nil then
		at = c.at + math.ceil((at - c.at) / how.align) * how.align
		need(c, key, start, at - start)
	end
	tree:append_text(": " .. count)
	tree:set_len(at - start)
	c.finish[key], c.item[key], c.count[key] = at, tree, count
end

-- A value that is not what it must be is noted, and reading goes on. Without `high`: it is `low`.
local function expect(c, key, low, high)
	local value = c.value[key]
	if value == low or (high ~= nil and value >= low and value <= high) then
		return
	end
	local function shown(it)
		return type(it) == "number" and string.format("%.0f", it) or (tostring(it):gsub("[^%g ]", "."))
	end
	local wanted = shown(low)
	if high ~= nil then -- numbers of Lua cannot tell 2^64 from what is just below
		wanted = high < 2 ^ 53 and wanted .. " to " .. shown(high) or "at least " .. wanted
	end
	c.item[key]:add_proto_expert_info(mplc.value,
		string.format("%s is %s, expected %s", key, shown(value), wanted))
end

local function no_arm(c, at, what, value)
	fail(c, at, "value", string.format("no arm for %s %s", what, tostring(value)))
end

-- Arithmetic of the language that Lua has not or has otherwise.
local function divide(a, b)
	local quotient = a / b
	return quotient < 0 and math.ceil(quotient) or math.floor(quotient)
end

local function remainder(a, b)
	return a - b * divide(a, b)
end

local function band(a, b)
	local result, bit = 0, 1
	while a > 0 and b > 0 do
		if a % 2 == 1 and b % 2 == 1 then
			result = result + bit
		end
		a, b, bit = math.floor(a / 2), math.floor(b / 2), bit * 2
	end
	return result
end

local function add_words(sum, bytes)
	for i = 1, #bytes - 1, 2 do
		local high, low = bytes:byte(i, i + 1)
		sum = sum + high * 256 + low
	end
	return #bytes % 2 == 1 and sum + bytes:byte(#bytes) * 256 or sum
end

-- An address as bytes, of the text that is all Lua is given.
local function address_bytes(text)
	local a, b, c, d = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
	if a ~= nil then
		return string.char(a, b, c, d)
	end
	local function words(part)
		local bytes = ""
		for word in part:gmatch("%x+") do
			local value = tonumber(word, 16)
			bytes = bytes .. string.char(math.floor(value / 256), value % 256)
		end
		return bytes
	end
	if not text:match("^[%x:]*:[%x:]*$") then
		return nil
	end
	local head, tail = text:match("^(.-)::(.*)$")
	if head == nil then
		return words(text)
	end
	head, tail = words(head), words(tail)
	return head .. string.rep("\0", 16 - #head - #tail) .. tail
end

-- The pseudo header: known if it is IP that handed the packet on. Or nil.
local function pseudo_header(pinfo)
	local source, destination = tostring(pinfo.net_src), tostring(pinfo.net_dst)
	local from, to = address_bytes(source), address_bytes(destination)
	if from == nil or to == nil or pinfo.src_port ~= 0 or pinfo.dst_port ~= 0 or
		pinfo.match_uint > 255 then
		return nil
	end
	return { sum = add_words(pinfo.match_uint, from .. to), is_ipv6 = #from == 16 }
end

local function judge(c, key, right)
	if right then
		c.item[key]:append_text(" [correct]")
	else
		c.item[key]:add_proto_expert_info(mplc.checksum, "wrong checksum")
	end
end

-- `how`: optional; needs_pseudo, and then the pseudo header or nil.
local function internet_checksum(c, key, first, last, how)
	if how.needs_pseudo and how.pseudo == nil then
		c.item[key]:append_text(" [unverified]")
	elseif how.optional and c.value[key] == 0 then
		if how.pseudo ~= nil and how.pseudo.is_ipv6 then
			judge(c, key, false)
		else
			c.item[key]:append_text(" [none]")
		end
	else
		local sum = how.pseudo ~= nil and how.pseudo.sum + last - first or 0
		sum = add_words(sum, last > first and c.tvb(first, last - first):raw() or "")
		judge(c, key, sum > 0 and sum % 65535 == 0)
	end
end

local function crc32(c, key, first, last)
	local xor = (bit or bit32 or {}).bxor
	if xor == nil then
		c.item[key]:append_text(" [unverified]")
		return
	end
	local crc = 0xffffffff
	local bytes = last > first and c.tvb(first, last - first):raw() or ""
	for i = 1, #bytes do
		crc = xor(crc, bytes:byte(i)) % 2 ^ 32
		for _ = 1, 8 do
			local low = crc % 2
			crc = (crc - low) / 2
			if low == 1 then
				crc = xor(crc, 0xedb88320) % 2 ^ 32
			end
		end
	end
	judge(c, key, xor(crc, 0xffffffff) % 2 ^ 32 == c.value[key])
end

local function declare(packet, key, field)
	packet.fields[key] = field
	packet.all[#packet.all + 1] = field
end

-- Have Wireshark call the packet; a stream has one after the other, in as many segments as it takes.
local function offer(packet)
	local proto = packet.proto

	proto.fields = packet.all
	function proto.dissector(tvb, pinfo, tree)
		local at, length = 0, tvb:len()
		pinfo.cols.protocol = packet.name
		repeat
			local message = at == 0 and tvb or tvb(at):tvb()
			local item = tree:add(proto, message())
			local root = { tvb = message, pinfo = pinfo, length = message:len(),
				cut = message:reported_len() > message:len() }
			root.root = root
			local done, result = pcall(packet.dissect, root, 0, root.length, item, packet.given(pinfo))

			if not done and result ~= STOP then
				error(result, 0)
			elseif not done then
				if root.truncated and pinfo.can_desegment > 0 then
					item:append_text(" [continued in a later segment]")
					pinfo.desegment_offset = at
					pinfo.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
				end
				return length
			end
			item:set_len(result.over)
			at = at + result.over
			if at < length and pinfo.can_desegment == 0 then
				tree:add_tvb_expert_info(mplc.rest, tvb(at, length - at),
					string.format("%d bytes after the packet", length - at))
				at = length
			end
		until at >= length
		return length
	end
	for _, layer in ipairs({ "udp.port", "tcp.port", "sctp.port", "ip.proto", "ethertype" }) do
		DissectorTable.get(layer):add_for_decode_as(proto)
	end
end

-- A packet, unless a file loaded before has defined it from the same text; and a record within one.
local function define(id, name, origin, body)
	if packets[id] ~= nil and packets[id].origin ~= origin then
		error("mpl." .. name .. " is another one in a file loaded before: load one of them", 0)
	elseif packets[id] == nil then
		local packet = { name = name, origin = origin, proto = Proto("mpl." .. name, name), fields = {}, all = {} }
		packets[id] = packet
		body(packet)
		offer(packet)
	end
end

local function define_record(packet, id, body)
	packets[id] = { fields = {}, all = packet.all }
	body(packets[id])
end
