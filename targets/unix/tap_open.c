/* SPDX-License-Identifier: ISC */
/*
 * Finding and opening a tap interface, and telling the user what to do when that fails. Nothing is
 * created: an interface without address and route is of no use, and making those is the user's.
 */
#include "targets/unix/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mirage/log.h>
#include <mirage/runtime.h>

#include "abi/virtio_net.h"

#define TAP_DEVICE "/dev/net/tun"

/* Of Linux 6.2; Debian 12's headers are older. */
#define OFFLOAD_USO4 0x20u
#define OFFLOAD_USO6 0x40u

LOG_SOURCE(log_netif, "netif");

static const char *interface_name(const struct netif *self)
{
	if (self->interface != NULL && self->interface->present)
		return self->interface->string;
	return self->name;
}

static int refuse(int error, const char *name, const char *what)
{
	log_error_from(&log_netif, "cannot use the interface '%s': %s", name, what);
	return error;
}

static int no_interface(const char *name)
{
	log_error_from(&log_netif,
	               "there is no interface '%s'. Make a tap, give the host an address on it, "
	               "and start it:\n"
	               "  sudo ip tuntap add %s mode tap user $USER\n"
	               "  sudo ip address add 10.0.0.1/24 dev %s\n"
	               "  sudo ip link set %s up",
	               name, name, name, name);
	return -ENODEV;
}

static int check_name(const char *name)
{
	size_t length = strlen(name);

	if (length > 0 && length < IFNAMSIZ && strpbrk(name, "/: \t\n%") == NULL)
		return 0;
	return refuse(-EINVAL, name, "a name has 1 to 15 characters without blanks, '/', ':', '%'");
}

static struct ifreq request_of(const struct netif_driver *driver)
{
	struct ifreq request = { .ifr_flags = 0 };

	memcpy(request.ifr_name, driver->name, sizeof(request.ifr_name));
	return request;
}

static int open_control(struct netif_driver *driver)
{
	struct ifreq request = request_of(driver);

	driver->control = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (driver->control < 0)
		return refuse(-EIO, driver->name, strerror(errno));
	if (ioctl(driver->control, SIOCGIFINDEX, &request) != 0)
		return no_interface(driver->name);
	if (ioctl(driver->control, SIOCGIFMTU, &request) != 0)
		return refuse(-EIO, driver->name, strerror(errno));
	driver->mtu = (uint32_t)request.ifr_mtu;
	return 0;
}

static int open_device(struct netif_driver *driver)
{
	driver->fd = open(TAP_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (driver->fd >= 0)
		return 0;
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return refuse(-ENODEV, driver->name,
		              "this kernel has no taps (" TAP_DEVICE "): sudo modprobe tun");
	if (errno == EACCES || errno == EPERM)
		return refuse(-EPERM, driver->name, TAP_DEVICE " may not be opened by this user");
	return refuse(-EIO, driver->name, strerror(errno));
}

static int attach_error(const struct netif_driver *driver, int error)
{
	switch (error) {
	case EPERM:
		log_error_from(&log_netif,
		               "the interface '%s' is another user's. Make it anew for this one:\n"
		               "  sudo ip tuntap del %s mode tap\n"
		               "  sudo ip tuntap add %s mode tap user $USER",
		               driver->name, driver->name, driver->name);
		return -EPERM;
	case EBUSY:
		return refuse(-EBUSY, driver->name, "another program has it");
	case EINVAL:
		return refuse(-EINVAL, driver->name,
		              "it is not a tap with one queue (`ip tuntap add ... mode tap` makes "
		              "one)");
	default:
		return refuse(-EIO, driver->name, strerror(error));
	}
}

/* Frames with the header of abi/virtio_net.h before them, little endian. */
static int attach(const struct netif_driver *driver)
{
	struct ifreq request = request_of(driver);
	int size = sizeof(struct virtio_net_frame_header), yes = 1;

	request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	if (ioctl(driver->fd, TUNSETIFF, &request) != 0)
		return attach_error(driver, errno);
	if (ioctl(driver->fd, TUNSETVNETHDRSZ, &size) != 0 ||
	    ioctl(driver->fd, TUNSETVNETLE, &yes) != 0)
		return refuse(-EIO, driver->name, strerror(errno));
	return 0;
}

int tap_set_offloads(const struct netif_driver *driver, uint32_t offloads)
{
	unsigned long bits = 0;

	if ((offloads & NET_OFFLOAD_CHECKSUM) != 0)
		bits |= TUN_F_CSUM;
	if ((offloads & NET_OFFLOAD_TCP4) != 0)
		bits |= TUN_F_TSO4 | TUN_F_TSO_ECN;
	if ((offloads & NET_OFFLOAD_TCP6) != 0)
		bits |= TUN_F_TSO6 | TUN_F_TSO_ECN;
	if ((offloads & NET_OFFLOAD_UDP) != 0)
		bits |= OFFLOAD_USO4 | OFFLOAD_USO6;
	return ioctl(driver->fd, TUNSETOFFLOAD, bits) == 0 ? 0 : -errno;
}

/* Find out what this kernel has, and leave all of it off. */
static int probe_offloads(struct netif_driver *driver)
{
	driver->available = NET_OFFLOAD_ALL;
	if (tap_set_offloads(driver, driver->available) != 0) {
		driver->available &= ~(uint32_t)NET_OFFLOAD_UDP;
		if (tap_set_offloads(driver, driver->available) != 0)
			driver->available = 0;
	}
	driver->accepted = 0;
	if (tap_set_offloads(driver, 0) != 0)
		return refuse(-EIO, driver->name, strerror(errno));
	return 0;
}

/* The configured address, or one that is nobody's: local and unicast. */
static int choose_mac(struct netif_driver *driver, const struct netif *self)
{
	const struct target *target = runtime_target(runtime_current());

	if (self->mac != NULL && self->mac->present) {
		driver->mac = self->mac->mac;
		if ((driver->mac.bytes[0] & 1) != 0)
			return refuse(-EINVAL, driver->name,
			              "--interface-mac is a multicast address");
		return 0;
	}
	if (target->ops->entropy(target->state, driver->mac.bytes, sizeof(driver->mac.bytes)) != 0)
		return refuse(-EIO, driver->name, "no random address could be made");
	driver->mac.bytes[0] = (uint8_t)((driver->mac.bytes[0] & ~1u) | 2u);
	return 0;
}

int tap_open(struct netif_driver *driver, const struct netif *self)
{
	const char *name = interface_name(self);
	char text[ADDRESS_TEXT_SIZE];
	int result = check_name(name);

	driver->fd = -1;
	driver->control = -1;
	if (result != 0)
		return result;
	memcpy(driver->name, name, strlen(name) + 1);
	result = open_control(driver);
	if (result == 0)
		result = open_device(driver);
	if (result == 0)
		result = attach(driver);
	if (result == 0)
		result = probe_offloads(driver);
	if (result == 0)
		result = choose_mac(driver, self);
	if (result != 0) {
		tap_close(driver);
		return result;
	}
	log_info_from(&log_netif, "Plugging into %s with mac %s mtu %u", driver->name,
	              mac_address_print(driver->mac, text), driver->mtu);
	return 0;
}

void tap_close(struct netif_driver *driver)
{
	if (driver->fd >= 0)
		close(driver->fd);
	if (driver->control >= 0)
		close(driver->control);
}

bool tap_link_up(const struct netif_driver *driver)
{
	struct ifreq request = request_of(driver);

	return ioctl(driver->control, SIOCGIFFLAGS, &request) == 0 &&
	       (request.ifr_flags & IFF_UP) != 0 && (request.ifr_flags & IFF_RUNNING) != 0;
}
