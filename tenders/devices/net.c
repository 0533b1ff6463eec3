/* SPDX-License-Identifier: ISC */
#include "tenders/devices/net.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>

#include "tenders/devices/declared.h"
#include "tenders/devices/tap.h"

static int apply_net(void *state, const struct option_argument *argument, struct reason *reason)
{
	struct net_options *options = state;
	size_t index;

	int error =
		declared_index(options->manifest, argument, SOLO5_DEVICE_NET_BASIC, &index, reason);
	if (error != 0)
		return error;
	if (options->interfaces[index] != NULL)
		return declared_twice(argument, reason);
	options->interfaces[index] = argument->value;
	return 0;
}

static int apply_mac(void *state, const struct option_argument *argument, struct reason *reason)
{
	struct net_options *options = state;
	size_t index;

	int error =
		declared_index(options->manifest, argument, SOLO5_DEVICE_NET_BASIC, &index, reason);
	if (error != 0)
		return error;
	if (net_parse_mac(argument->value, options->macs[index]) != 0)
		return reason_set(reason, -EINVAL,
		                  "Malformed argument to --net-mac: want six pairs of hexadecimal "
		                  "digits, not of a group address");
	options->mac_given[index] = true;
	return 0;
}

static const struct option options_table[] = {
	{ "net", OPTION_NAMED, "NAME=IFACE|@FD", "attach the tap IFACE, or an open one, as NAME",
	  apply_net },
	{ "net-mac", OPTION_NAMED, "NAME=xx:xx:xx:xx:xx:xx", "its MAC address (a random one)",
	  apply_mac },
};

struct option_module net_options_module(struct net_options *state)
{
	return (struct option_module){ "net", options_table,
		                       sizeof(options_table) / sizeof(options_table[0]), state };
}

static int digit(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	return -1;
}

int net_parse_mac(const char *text, uint8_t mac[SOLO5_MAC_LENGTH])
{
	for (size_t i = 0; i < SOLO5_MAC_LENGTH; i++) {
		int high = digit(text[0]);
		int low = high < 0 ? -1 : digit(text[1]);
		if (low < 0 || text[2] != (i < SOLO5_MAC_LENGTH - 1 ? ':' : '\0'))
			return -EINVAL;
		mac[i] = (uint8_t)(high << 4 | low);
		text += 3;
	}
	return (mac[0] & 1) != 0 ? -EINVAL : 0;
}

/* A locally administered address of one station. */
static int random_mac(uint8_t mac[SOLO5_MAC_LENGTH], struct reason *reason)
{
	if (getrandom(mac, SOLO5_MAC_LENGTH, 0) != SOLO5_MAC_LENGTH)
		return reason_set(reason, -EIO, "Could not make a random MAC address: %s",
		                  strerror(errno));
	mac[0] = (uint8_t)((mac[0] & 0xfe) | 0x02);
	return 0;
}

static int open_interface(struct tap *tap, const char *interface, struct reason *reason)
{
	uint64_t descriptor;

	if (interface[0] != '@')
		return tap_attach(tap, interface, reason);
	/* 0 is standard input: no descriptor for frames. */
	if (options_number(interface + 1, INT_MAX, &descriptor) != 0)
		return reason_set(reason, -EINVAL,
		                  "Could not attach interface: %s: not a descriptor's number",
		                  interface);
	return tap_inherit(tap, (int)descriptor, reason);
}

static int attach_one(const struct net_options *options, size_t index, struct reason *reason)
{
	struct solo5_manifest_entry *entry = &options->manifest->entries[index];
	struct tap tap = { .descriptor = -1 };

	int error = open_interface(&tap, options->interfaces[index], reason);
	if (error != 0)
		return error;
	if (options->mac_given[index])
		memcpy(entry->net.mac, options->macs[index], SOLO5_MAC_LENGTH);
	else
		error = random_mac(entry->net.mac, reason);
	entry->net.mtu = tap.mtu;
	entry->descriptor = tap.descriptor;
	entry->attached = 1;
	return error;
}

int net_attach(const struct net_options *options, struct reason *reason)
{
	for (size_t i = 1; i < options->manifest->entry_count; i++) {
		if (options->interfaces[i] == NULL)
			continue;
		int error = attach_one(options, i, reason);
		if (error != 0)
			return error;
	}
	return 0;
}
