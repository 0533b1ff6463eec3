// SPDX-License-Identifier: ISC
/* Network devices, as config.c names them. */
#include <mirage/config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool on_unix(void)
{
	return strcmp(get_target(), "unix") == 0;
}

static net_impl *netif_new(struct location here, const struct device_value *values,
                           struct manifest_device manifest)
{
	return (net_impl *)device_new(here, &net_type, "netif",
	                              &(struct device){
					      .header = "mirage/netif.h",
					      .state = true,
					      .connect = true,
					      .disconnect = true,
					      .values = values,
					      .targets = TARGETS("unix", "hvt", "spt"),
					      .manifest = manifest,
				      });
}

net_impl *netif_at(struct location here, const char *name)
{
	const struct manifest_device none = { .type = NULL };

	if (name == NULL || name[0] == '\0')
		config_fail_at(here, "netif() needs the name of an interface, such as \"tap0\"");
	return netif_new(here, VALUES(TEXT_VALUE(name, name)),
	                 on_unix() ? none : MANIFEST_NET(name));
}

/* The tap of unix, by keys of its own. */
static net_impl *tap_by_key(struct location here)
{
	static const struct key interface = {
		.identifier = "interface",
		.location = { .file = "", .line = 0 },
		.type = ARGUMENT_STRING,
		.value = "tap0",
		.doc = "The tap interface to use.",
		.placeholder = "INTERFACE",
		.section = "NETWORK",
	};
	static const struct key mac = {
		.identifier = "interface_mac",
		.location = { .file = "", .line = 0 },
		.type = ARGUMENT_MAC,
		.doc = "The unikernel's own MAC address. Without it, each run has another.",
		.placeholder = "MAC",
		.section = "NETWORK",
	};
	static bool declared;

	if (!declared) {
		config_key_register(&interface);
		config_key_register(&mac);
	}
	declared = true;
	return netif_new(here, VALUES(KEY_VALUE(interface, &interface), KEY_VALUE(mac, &mac)),
	                 (struct manifest_device){ .type = NULL });
}

net_impl *default_network_at(struct location here)
{
	return on_unix() ? tap_by_key(here) : netif_at(here, "service");
}

net_impl *pcap_at(struct location here, net_impl *net, const char *file)
{
	if (file == NULL || file[0] == '\0')
		config_fail_at(here, "pcap() needs the name of a file, such as \"net.pcapng\"");
	return (net_impl *)device_new(here, &net_type, "net_pcap",
	                              &(struct device){
					      .header = "mirage/net_pcap.h",
					      .state = true,
					      .connect = true,
					      .disconnect = true,
					      .devices = DEVICES(WIRE(below, net)),
					      .values = VALUES(TEXT_VALUE(file, file)),
					      .targets = TARGETS("unix"),
				      });
}

enum {
	NUMBER_SIZE = 32, /* bytes of a constant's text */
	MILLION = 1000000,
};

static const char *number_text(char text[NUMBER_SIZE], uint64_t number)
{
	snprintf(text, NUMBER_SIZE, "UINT64_C(%" PRIu64 ")", number);
	return text;
}

net_impl *faulty_at(struct location here, net_impl *net, const struct faulty_fields *fields)
{
	char seed[NUMBER_SIZE], drop[NUMBER_SIZE], duplicate[NUMBER_SIZE], corrupt[NUMBER_SIZE],
		reorder_ppm[NUMBER_SIZE], delay[NUMBER_SIZE], jitter[NUMBER_SIZE],
		reorder[NUMBER_SIZE];

	if (fields->drop_ppm > MILLION || fields->duplicate_ppm > MILLION ||
	    fields->corrupt_ppm > MILLION || fields->reorder_ppm > MILLION)
		config_fail_at(here, "a rate of faulty() is of a million frames: at most 1000000");
	return (net_impl *)device_new(
		here, &net_type, "net_faulty",
		&(struct device){
			.header = "mirage/net_faulty.h",
			.state = true,
			.connect = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(below, net)),
			.values = VALUES(
				C_VALUE(seed, number_text(seed, fields->seed)),
				C_VALUE(drop_ppm, number_text(drop, fields->drop_ppm)),
				C_VALUE(duplicate_ppm,
	                                number_text(duplicate, fields->duplicate_ppm)),
				C_VALUE(corrupt_ppm, number_text(corrupt, fields->corrupt_ppm)),
				C_VALUE(reorder_ppm, number_text(reorder_ppm, fields->reorder_ppm)),
				C_VALUE(delay, number_text(delay, fields->delay)),
				C_VALUE(jitter, number_text(jitter, fields->jitter)),
				C_VALUE(reorder, number_text(reorder, fields->reorder))),
		});
}
