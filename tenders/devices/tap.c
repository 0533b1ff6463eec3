/* SPDX-License-Identifier: ISC */
#include "tenders/devices/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenders/devices/net.h"

static int cannot(struct reason *reason, int error, const char *interface, const char *hint)
{
	return reason_set(reason, -error, "Could not attach interface: %s: %s%s", interface,
	                  strerror(error), hint);
}

/* What the kernel knows about an interface: flags and MTU. A negative errno value. */
static int query(const char *interface, short *flags, uint16_t *mtu)
{
	struct ifreq request;
	int error = 0;

	int query_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (query_socket < 0)
		return -errno;
	memset(&request, 0, sizeof(request));
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	if (ioctl(query_socket, SIOCGIFFLAGS, &request) != 0)
		error = errno;
	*flags = request.ifr_flags;
	if (error == 0 && ioctl(query_socket, SIOCGIFMTU, &request) != 0)
		error = errno;
	if (error == 0)
		*mtu = request.ifr_mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)request.ifr_mtu;
	close(query_socket);
	return -error;
}

static const char *attach_hint(int error)
{
	switch (error) {
	case EBUSY:
		return " (another process is attached to it)";
	case EPERM:
		return " (it belongs to another user)";
	case EINVAL:
		return " (it is not a tap, or a tap of another kind)";
	default:
		return "";
	}
}

int tap_attach(struct tap *tap, const char *interface, struct reason *reason)
{
	struct ifreq request;
	short flags = 0;

	if (strlen(interface) >= sizeof(request.ifr_name) || interface[0] == '\0')
		return cannot(reason, EINVAL, interface, " (not a name of an interface)");
	/* TUNSETIFF would make an interface that does not exist. */
	int error = query(interface, &flags, &tap->mtu);
	if (error == -ENODEV)
		return cannot(reason, ENOENT, interface, " (make it with `ip tuntap add`)");
	if (error != 0)
		return cannot(reason, -error, interface, "");
	if ((flags & (IFF_UP | IFF_RUNNING)) == 0)
		return cannot(reason, ENETDOWN, interface, " (try `ip link set IFACE up`)");

	tap->descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->descriptor < 0)
		return cannot(reason, errno, interface, " (/dev/net/tun)");
	memset(&request, 0, sizeof(request));
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(tap->descriptor, TUNSETIFF, &request) != 0) {
		error = cannot(reason, errno, interface, attach_hint(errno));
		close(tap->descriptor);
		return error;
	}
	/* A user before may have asked for unfinished checksums and large segments. */
	error_ignore(ioctl(tap->descriptor, TUNSETOFFLOAD, 0UL),
	             "taps too old to know it never had offloads");
	return 0;
}

/* Whether the tap's interface is in the network namespace of this process. */
static bool in_this_namespace(int descriptor)
{
	struct stat theirs;
	struct stat ours;

	int net_namespace = ioctl(descriptor, TUNGETDEVNETNS);
	if (net_namespace < 0)
		return false;
	bool same = fstat(net_namespace, &theirs) == 0 && stat("/proc/self/ns/net", &ours) == 0 &&
	            theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
	close(net_namespace);
	return same;
}

int tap_inherit(struct tap *tap, int descriptor, struct reason *reason)
{
	char name[16];
	struct ifreq request;
	short flags;

	snprintf(name, sizeof(name), "@%d", descriptor);
	int status = fcntl(descriptor, F_GETFL);
	if (status < 0 || fcntl(descriptor, F_SETFL, status | O_NONBLOCK) < 0)
		return cannot(reason, errno, name, "");
	tap->descriptor = descriptor;
	tap->mtu = NET_MTU_DEFAULT;

	memset(&request, 0, sizeof(request));
	if (ioctl(descriptor, TUNGETIFF, &request) != 0)
		return 0; /* a socket, say: it carries frames, and that is all we know */
	/* Whether it has IFF_NO_PI cannot be known: the kernel tells something else in that bit. */
	if ((request.ifr_flags & IFF_TAP) == 0 || (request.ifr_flags & IFF_VNET_HDR) != 0)
		return cannot(reason, EINVAL, name,
		              " (it must be a tap with IFF_NO_PI and without IFF_VNET_HDR)");
	if (in_this_namespace(descriptor))
		error_ignore(query(request.ifr_name, &flags, &tap->mtu), "the default stays");
	return 0;
}
