// SPDX-License-Identifier: ISC
/* Single values; addresses must survive printing and parsing again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/arguments.h>

static void round_trip(enum argument_type type, const struct argument_value *value)
{
	struct argument row = { .names = "x", .type = type };
	struct argument_value again;
	struct arguments_error error;
	char text[ADDRESS_TEXT_SIZE] = "";

	if (type == ARGUMENT_IPV4)
		ipv4_address_print(value->ipv4, text);
	else if (type == ARGUMENT_IPV6)
		ipv6_address_print(value->ipv6, text);
	else if (type == ARGUMENT_PREFIX)
		ip_prefix_print(value->prefix, text);
	else if (type == ARGUMENT_MAC)
		mac_address_print(value->mac, text);
	else
		return;
	assert(argument_parse(&row, text, &again, &error) == 0);
	if (type == ARGUMENT_IPV4)
		assert(memcmp(&again.ipv4, &value->ipv4, sizeof(value->ipv4)) == 0);
	else if (type == ARGUMENT_IPV6)
		assert(memcmp(&again.ipv6, &value->ipv6, sizeof(value->ipv6)) == 0);
	else if (type == ARGUMENT_MAC)
		assert(memcmp(&again.mac, &value->mac, sizeof(value->mac)) == 0);
	else
		assert(again.prefix.bits == value->prefix.bits &&
		       again.prefix.is_ipv6 == value->prefix.is_ipv6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[] = { "fat", "crunch", NULL };
	struct argument_value value;
	struct arguments_error error;

	if (size == 0)
		return 0;
	struct argument row = { .names = "x",
		                .type = (enum argument_type)(data[0] % (ARGUMENT_ENUM + 1)),
		                .list = data[0] >= 128,
		                .choices = choices };
	char *text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (argument_parse(&row, text, &value, &error) == 0) {
		if (!row.list)
			round_trip(row.type, &value);
		argument_value_free(&value);
	} else {
		assert(error.text[0] != '\0');
	}
	free(text);
	return 0;
}
