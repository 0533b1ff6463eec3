// SPDX-License-Identifier: ISC
/* What each feature of the language puts into bytes, and reads from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features.h"
#include "protocols.h"

static uint8_t room[512];

static struct slice all_room(void)
{
	memset(room, 0xaa, sizeof(room));
	return slice_of(room, sizeof(room));
}

static void bits_count_from_the_highest(void **state)
{
	const struct bits_msb_fields fields = {
		.a = 5, .b = 0x1234, .c = 0x123456789, .d = 0x55, .e = 0x0123456789abcdef
	};
	struct bits_msb view;

	(void)state;
	assert_int_equal(bits_msb_build(all_room(), &fields), 15);
	/* 101 1001000110100 | 100100011010001010110011110001001 1010101 | … */
	assert_memory_equal(room, "\xb2\x34\x91\xa2\xb3\xc4\xd5\x01\x23\x45\x67\x89\xab\xcd\xef",
	                    15);
	assert_int_equal(bits_msb_parse(slice_of(room, 15), &view), 0);
	assert_int_equal(bits_msb_c(&view), 0x123456789);
	assert_int_equal(bits_msb_d(&view), 0x55);
}

static void bits_count_from_the_lowest(void **state)
{
	const struct bits_lsb_fields fields = {
		.a = 5, .b = 0x1234, .c = 0x123456789, .d = 0x55, .e = 0x0123456789abcdef
	};
	struct bits_lsb view;

	(void)state;
	assert_int_equal(bits_lsb_build(all_room(), &fields), 15);
	assert_memory_equal(room, "\xa5\x91\x89\x67\x45\x23\xab\xef\xcd\xab\x89\x67\x45\x23\x01",
	                    15);
	assert_int_equal(bits_lsb_parse(slice_of(room, 15), &view), 0);
	assert_int_equal(bits_lsb_a(&view), 5);
	assert_int_equal(bits_lsb_b(&view), 0x1234);
	assert_int_equal(bits_lsb_c(&view), 0x123456789);
}

static void too_large_a_value_for_its_bits_is_refused(void **state)
{
	struct bits_msb_fields fields = { .a = 8 };

	(void)state;
	assert_int_equal(bits_msb_build(all_room(), &fields), -EOVERFLOW);
	fields.a = 7;
	fields.c = (uint64_t)1 << 33;
	assert_int_equal(bits_msb_build(all_room(), &fields), -EOVERFLOW);
}

static void integers_come_in_both_orders(void **state)
{
	struct integers_fields fields = integers_defaults();
	struct integers view;

	(void)state;
	fields.a = 1;
	fields.b = 0x0203;
	fields.c = 0x040506;
	fields.d = 0x070809;
	fields.e = 0x0a0b0c0d;
	fields.f = 0x101112131415;
	fields.g = 0x0102030405060708;
	fields.h = (packet_uint128)0x1122334455667788 << 64 | 0x99aabbccddeeff00;
	fields.i = 1;
	fields.j = -2;
	fields.k = -3;
	fields.l = -4;
	fields.m = INT64_MIN;
	fields.n = true;
	assert_int_equal(integers_build(all_room(), &fields), 75);
	assert_memory_equal(room,
	                    "\x01\x03\x02\x04\x05\x06\x09\x08\x07\x0d\x0c\x0b\x0a"
	                    "\x10\x11\x12\x13\x14\x15\x08\x07\x06\x05\x04\x03\x02\x01"
	                    "\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00"
	                    "\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	                    "\xfe\xff\xfd\xfc\xff\xff\xff\x80\0\0\0\0\0\0\0\x01",
	                    75);
	assert_int_equal(integers_parse(slice_of(room, 75), &view), 0);
	assert_int_equal(integers_j(&view), -2);
	assert_int_equal(integers_l(&view), -4);
	assert_true(integers_h(&view) == fields.h);
	room[74] = 0x7f; /* any byte but 0 is true */
	assert_true(integers_n(&view));
}

static void bounds_hold_both_ways(void **state)
{
	struct bounds_fields fields = bounds_defaults();
	struct bounds view;

	(void)state;
	assert_int_equal(fields.ordinary, 7);
	fields.low = 10;
	fields.high = FEATURES_LIMIT;
	fields.signed_ = -5;
	fields.large = FEATURES_LARGE;
	int built = bounds_build(all_room(), &fields);
	assert_int_equal(built, 19);
	assert_int_equal(bounds_parse(slice_of(room, 19), &view), 0);
	fields.low = 9;
	assert_int_equal(bounds_build(all_room(), &fields), -ERANGE);
	fields.low = 10;
	fields.high = 101;
	assert_int_equal(bounds_build(all_room(), &fields), -ERANGE);
	fields.high = 100;
	fields.signed_ = 6;
	assert_int_equal(bounds_build(all_room(), &fields), -ERANGE);
	fields.signed_ = 5;
	fields.large--;
	assert_int_equal(bounds_build(all_room(), &fields), -ERANGE);
	fields.large++;
	assert_int_equal(bounds_build(all_room(), &fields), 19);
	room[2] = 0x80;
	assert_int_equal(bounds_parse(slice_of(room, 19), &view), -ERANGE);
	assert_string_equal(view.fault.field, "bounds.signed");
	room[2] = 0;
	room[18] = 0;
	assert_int_equal(bounds_parse(slice_of(room, 19), &view), -EPROTO);
	assert_string_equal(view.fault.field, "bounds.yes");
}

static void texts_have_their_length_before_them(void **state)
{
	struct texts_fields fields = { .small = packet_bytes("abc", 3),
		                       .medium = packet_bytes("de", 2),
		                       .number = packet_bytes("\x00\x00\x80\x01", 4),
		                       .mood = packet_bytes("sad", 3) };
	struct texts view;

	(void)state;
	int built = texts_build(all_room(), &fields);
	assert_int_equal(built, texts_size(&fields));
	assert_memory_equal(room, "\3abc\0\2de\0\0\0\0\0\0\0\3\0\x80\x01\x09hi there?\3sad",
	                    (size_t)built);
	assert_int_equal(texts_parse(slice_of(room, (size_t)built), &view), 0);
	assert_true(packet_is_text(texts_medium(&view), "de", 2));
	assert_int_equal(texts_mood_name(texts_mood(&view)), TEXTS_MOOD_SAD);
	room[20] = 'H';
	assert_int_equal(texts_parse(slice_of(room, (size_t)built), &view), -EPROTO);
	assert_string_equal(view.fault.field, "texts.greeting");
}

static void texts_may_end_with_a_zero(void **state)
{
	struct ended_fields fields = ended_defaults();
	struct ended view;

	(void)state;
	fields.kind = packet_bytes("loud", 4);
	fields.tag = ENDED_LOUD;
	fields.loud.volume = 11;
	assert_int_equal(ended_build(all_room(), &fields), 14);
	assert_int_equal(ended_size(&fields), 14);
	assert_memory_equal(room, "HELO\0me\0loud\0\x0b", 14);
	assert_int_equal(ended_build(slice_of(room, 12), &fields), -ENOBUFS);
	assert_int_equal(ended_parse(slice_of(room, 14), &view), 0);
	assert_true(packet_is_text(ended_from(&view), "me", 2));
	assert_int_equal(ended_loud_volume(&view), 11);
	assert_int_equal(ended_parse(slice_of(room, 12), &view), -EMSGSIZE);
	assert_string_equal(view.fault.field, "ended.kind");
	assert_int_equal(view.fault.offset, 8);
	room[0] = 'h';
	assert_int_equal(ended_parse(slice_of(room, 14), &view), -EPROTO);
	fields.from = packet_bytes("m\0e", 3);
	assert_int_equal(ended_build(all_room(), &fields), -EINVAL);
	fields.from = packet_bytes("me", 2);
	fields.kind = packet_bytes("silent", 6);
	assert_int_equal(ended_build(all_room(), &fields), -EINVAL);
}

static void a_length_holds_in_arms_that_do_not_use_it_too(void **state)
{
	const struct radius_attribute_fields fields = { .tag = RADIUS_ATTRIBUTE_SERVER_PORT,
		                                        .server_port.port = 7 };
	struct radius_attribute view;

	(void)state;
	assert_int_equal(radius_attribute_build(all_room(), &fields), 6);
	assert_memory_equal(room, "\5\6\0\0\0\7", 6);
	assert_int_equal(radius_attribute_parse(slice_of(room, 10), &view), 0);
	room[1] = 10;
	assert_int_equal(radius_attribute_parse(slice_of(room, 10), &view), -EBADMSG);
	assert_string_equal(view.fault.field, "radius_attribute.length");
}

static void a_text_too_long_for_its_length_is_refused(void **state)
{
	static const uint8_t long_text[256];
	struct texts_fields fields = { .small = packet_bytes(long_text, 256) };

	(void)state;
	assert_int_equal(texts_build(all_room(), &fields), -EOVERFLOW);
}

static void structs_are_written_out_and_arrays_are_lists(void **state)
{
	const struct shapes_corners_item_fields corners[3] = { { .value = 1 },
		                                               { .value = 2 },
		                                               { .value = 3 } };
	const struct shapes_masks_item_fields masks[2] = { { .value = { { 255, 0, 0, 0 } } } };
	struct shapes_fields fields = { .kind = 9,
		                        .from_x = -1,
		                        .to_y = 2,
		                        .corners = { .items = corners, .count = 3 },
		                        .masks = { .items = masks, .count = 2 } };
	struct shapes_corners_item corner;
	struct shapes view;

	(void)state;
	assert_int_equal(shapes_build(all_room(), &fields), 31);
	assert_int_equal(shapes_parse(slice_of(room, 31), &view), 0);
	assert_int_equal(shapes_from_x(&view), -1);
	assert_int_equal(shapes_to_y(&view), 2);
	struct shapes_corners_iterator iterator = shapes_corners(&view);
	for (int i = 1; i <= 3; i++) {
		assert_true(shapes_corners_next(&iterator, &corner));
		assert_int_equal(shapes_corners_item_value(&corner), i);
	}
	assert_false(shapes_corners_next(&iterator, &corner));
	fields.corners.count = 2;
	assert_int_equal(shapes_build(all_room(), &fields), -EINVAL);
}

static void what_follows_a_classify_belongs_to_each_arm(void **state)
{
	struct trailing view;

	(void)state;
	assert_int_equal(trailing_parse(slice_of((char[]){ "\x01\x07\x12\x34\x05" }, 5), &view), 0);
	assert_int_equal(view.tag, TRAILING_OLD);
	assert_int_equal(trailing_old_value(&view), 7);
	assert_int_equal(trailing_old_after(&view), 0x1234);
	assert_int_equal(view.old.tag, TRAILING_OLD_EMPTY);
	assert_int_equal(trailing_old_empty_rest(&view), 5);
	assert_int_equal(trailing_old_empty_end(&view), 5);
	assert_int_equal(
		trailing_parse(slice_of((char[]){ "\x09\0\0\0\x01\x01\x12\x34\x1a\xbc" }, 10),
	                       &view),
		0);
	assert_int_equal(view.tag, TRAILING_NEW);
	assert_true(trailing_new_flag(&view));
	assert_int_equal(trailing_new_full_rest(&view), 0xabc);
	assert_int_equal(trailing_parse(slice_of((char[]){ "\xff\x12\x34\x0f" }, 4), &view), 0);
	assert_int_equal(view.tag, TRAILING_UNKNOWN);
}

static void a_builder_checks_that_tag_and_value_agree(void **state)
{
	struct trailing_fields fields = { .version = 12,
		                          .tag = TRAILING_NEW,
		                          .new.tag = TRAILING_NEW_EMPTY };

	(void)state;
	assert_int_equal(trailing_build(all_room(), &fields), -EINVAL);
	fields.version = 5;
	assert_int_equal(trailing_build(all_room(), &fields), 9);
	fields.tag = 0;
	assert_int_equal(trailing_build(all_room(), &fields), -EINVAL);
}

static void parameters_decide_between_arms(void **state)
{
	struct guarded view;

	(void)state;
	assert_int_equal(guarded_parse(slice_of((char[]){ "\x01\x02hi" }, 4), &view, false, 9), 0);
	assert_int_equal(view.tag, GUARDED_ASK);
	assert_int_equal(
		guarded_parse(slice_of((char[]){ "\x01\x00\x00\x00\x05" }, 5), &view, true, 9), 0);
	assert_int_equal(view.tag, GUARDED_ANSWER);
	assert_int_equal(guarded_answer_result(&view), 5);
	assert_int_equal(guarded_parse(slice_of((char[]){ "\x01\x08" }, 2), &view, true, 3), 0);
	assert_int_equal(view.tag, GUARDED_BRIEF);
	assert_int_equal(guarded_parse(slice_of((char[]){ "\x03" }, 1), &view, true, 3), -ENOMSG);
}

static void texts_and_flags_can_be_classified(void **state)
{
	struct by_text text;
	struct by_flag flag;

	(void)state;
	assert_int_equal(by_text_parse(slice_of((char[]){ "\3put\1k\0\2vv" }, 10), &text), 0);
	assert_int_equal(text.tag, BY_TEXT_PUT);
	assert_true(packet_is_text(by_text_put_data(&text), "vv", 2));
	assert_int_equal(by_text_parse(slice_of((char[]){ "\3del\1k" }, 6), &text), -ENOMSG);
	assert_int_equal(by_flag_parse(slice_of((char[]){ "\x02\0\0\0\0\0\0\0\x07" }, 9), &flag),
	                 0);
	assert_int_equal(by_flag_long_value(&flag), 7);
	assert_int_equal(by_flag_parse(slice_of((char[]){ "\0\x07" }, 2), &flag), 0);
	assert_int_equal(flag.tag, BY_FLAG_SHORT);
}

static struct parts_fields some_parts(void)
{
	static const struct imported_item_fields items[2] = { { .key = 1 }, { .key = 2 } };
	struct parts_fields fields = parts_defaults();

	fields.inner.a = 0x0102;
	fields.inner.b = 0x0304;
	fields.inner.tag = IMPORTED_PART_MANY;
	fields.inner.many.rest = packet_bytes("xy", 2);
	fields.items.items = items;
	fields.items.count = 2;
	return fields;
}

static void parts_have_their_own_order_size_and_arguments(void **state)
{
	struct parts_fields fields = some_parts();
	struct imported_part inner;
	struct parts view;

	(void)state;
	assert_int_equal(parts_build(all_room(), &fields), 21);
	assert_memory_equal(room, "\x02\x00\x06\x02\x01\x03\x04xy\x01\x00\x00\x02\x00\x00\x00\x15",
	                    17);
	assert_int_equal(parts_parse_whole(slice_of(room, 21), &view), 0);
	parts_inner(&view, &inner);
	assert_int_equal(inner.tag, IMPORTED_PART_MANY);
	assert_int_equal(inner.bytes.length, 6);
	assert_int_equal(parts_items_count(&view), 2);
	assert_int_equal(parts_total_size(&view), 21);
}

static void computed_values_are_verified(void **state)
{
	struct parts_fields fields = some_parts();
	struct parts view;

	(void)state;
	assert_int_equal(parts_build(all_room(), &fields), 21);
	room[16]++;
	assert_int_equal(parts_parse(slice_of(room, 21), &view), -EBADMSG);
	assert_string_equal(view.fault.field, "parts.total_size");
	room[16]--;
	room[7]++; /* of what the crc covers */
	assert_int_equal(parts_parse(slice_of(room, 21), &view), -EILSEQ);
	assert_string_equal(view.fault.field, "parts.crc");
	room[7]--;
	assert_int_equal(parts_parse_whole(slice_of(room, 22), &view), -E2BIG);
	assert_int_equal(view.fault.offset, 21);
	room[2] = 3; /* the part needs four bytes */
	assert_int_equal(parts_parse(slice_of(room, 21), &view), -EBADMSG);
	assert_string_equal(view.fault.field, "imported_part.b");
	assert_int_equal(view.fault.offset, 5);
}

static void note_item(void *context, const struct padded_item *item)
{
	char *seen = context;

	strcat(seen, item->tag == PADDED_ITEM_END ? "." : "p");
}

static void elements_are_shown_while_they_are_parsed(void **state)
{
	uint8_t bytes[] = "\x01\0\0\0abcd\x0b\x07\2vw\x07\1x\0\x09\x09\x09";
	struct padded view;
	char seen[8] = "";

	(void)state;
	assert_int_equal(padded_parse_each_list(slice_of(bytes, 20), &view, note_item, seen), 0);
	assert_string_equal(seen, "pp.");
	assert_int_equal(padded_list_count(&view), 3);
	/* Those before the one that is cut. */
	bytes[14] = 9;
	seen[0] = '\0';
	assert_int_equal(padded_parse_each_list(slice_of(bytes, 20), &view, note_item, seen),
	                 -EBADMSG);
	assert_string_equal(seen, "p");
	assert_string_equal(view.fault.field, "padded_item.pair.value");
	assert_int_equal(padded_parse_inline(slice_of(bytes, 20), &view), -EBADMSG);
}

static void alignment_pads_with_zeros(void **state)
{
	const struct padded_item_fields item = { .key = 7,
		                                 .tag = PADDED_ITEM_PAIR,
		                                 .pair.value = packet_bytes("vw", 2) };
	const struct padded_fields fields = { .data = packet_bytes("abcde", 5),
		                              .list = { .items = &item, .count = 1 } };
	struct padded view;

	(void)state;
	assert_int_equal(padded_build(all_room(), &fields), 20);
	assert_memory_equal(room, "\x02\0\0\0abcde\0\0\0\x07\x07\2vw\0\0\0", 20);
	assert_int_equal(padded_parse(slice_of(room, 20), &view), 0);
	assert_int_equal(padded_list_count(&view), 2); /* the item and the end */
}

static void values_are_computed_in_the_order_they_need(void **state)
{
	const struct computed_fields fields = { .c = 0x23 };
	struct computed view;

	(void)state;
	assert_int_equal(computed_build(all_room(), &fields), 6);
	assert_memory_equal(room, "\x07\x03\x23\x01\x02\x25", 6); /* 0x230 % 1000 - 35 / 3 = 549 */
	assert_int_equal(computed_parse(slice_of(room, 6), &view), 0);
	room[1] = 4;
	assert_int_equal(computed_parse(slice_of(room, 6), &view), -EBADMSG);
}

static void names_that_c_keeps_get_a_line_below(void **state)
{
	const struct keywords_fields fields = { .int_ = 1, .default_ = 2, .itqs = 3, .class = 4 };
	struct keywords view;

	(void)state;
	assert_int_equal(keywords_build(all_room(), &fields), 5);
	assert_int_equal(keywords_parse(slice_of(room, 5), &view), 0);
	assert_int_equal(keywords_default(&view), 2);
	assert_int_equal(keywords_itqs(&view), 3);
}

static void setters_change_what_decides_nothing(void **state)
{
	const struct bits_shifted_fields fields = { .head = 7, .wide = UINT64_MAX, .lsb_wide = 0 };
	struct bits_shifted view;

	(void)state;
	assert_int_equal(bits_shifted_build(all_room(), &fields), 18);
	assert_int_equal(bits_shifted_parse(slice_of(room, 18), &view), 0);
	bits_shifted_set_wide(&view, 0x0123456789abcdef);
	bits_shifted_set_lsb_wide(&view, 0xfedcba9876543210);
	assert_int_equal(bits_shifted_head(&view), 7);
	assert_int_equal(bits_shifted_wide(&view), 0x0123456789abcdef);
	assert_int_equal(bits_shifted_tail(&view), 0);
	assert_int_equal(bits_shifted_lsb_head(&view), 0);
	assert_int_equal(bits_shifted_lsb_wide(&view), 0xfedcba9876543210);
}

static void a_packet_is_text_in_a_line_or_in_lines(void **state)
{
	struct parts_fields fields = some_parts();
	struct parts view;
	char text[512];

	(void)state;
	int built = parts_build(all_room(), &fields);
	assert_int_equal(parts_parse(slice_of(room, (size_t)built), &view), 0);
	parts_to_string(&view, text, sizeof(text));
	assert_non_null(strstr(text, "parts count=2 size=6 inner={imported_part a=258 b=772 many "
	                             "rest=[2]:7879} items=2{imported_item key=1 value=\"\"}"
	                             "{imported_item key=2 value=\"\"} total_size=21 crc="));
	parts_dump(&view, text, sizeof(text));
	assert_non_null(strstr(text,
	                       "parts\n  0000 count = 2\n  0001 size = 6\n  0003 inner = "
	                       "imported_part\n    0003 a = 258\n    0005 b = 772 many\n    0007 "
	                       "rest = [2]:7879"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_count_from_the_highest),
		cmocka_unit_test(bits_count_from_the_lowest),
		cmocka_unit_test(too_large_a_value_for_its_bits_is_refused),
		cmocka_unit_test(integers_come_in_both_orders),
		cmocka_unit_test(bounds_hold_both_ways),
		cmocka_unit_test(texts_have_their_length_before_them),
		cmocka_unit_test(texts_may_end_with_a_zero),
		cmocka_unit_test(a_length_holds_in_arms_that_do_not_use_it_too),
		cmocka_unit_test(a_text_too_long_for_its_length_is_refused),
		cmocka_unit_test(structs_are_written_out_and_arrays_are_lists),
		cmocka_unit_test(what_follows_a_classify_belongs_to_each_arm),
		cmocka_unit_test(a_builder_checks_that_tag_and_value_agree),
		cmocka_unit_test(parameters_decide_between_arms),
		cmocka_unit_test(texts_and_flags_can_be_classified),
		cmocka_unit_test(parts_have_their_own_order_size_and_arguments),
		cmocka_unit_test(computed_values_are_verified),
		cmocka_unit_test(elements_are_shown_while_they_are_parsed),
		cmocka_unit_test(alignment_pads_with_zeros),
		cmocka_unit_test(values_are_computed_in_the_order_they_need),
		cmocka_unit_test(names_that_c_keeps_get_a_line_below),
		cmocka_unit_test(setters_change_what_decides_nothing),
		cmocka_unit_test(a_packet_is_text_in_a_line_or_in_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
