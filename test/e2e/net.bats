#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Network devices, with real peers: ping, arping, tcpdump and tshark of the host's kernel and of
# Debian, over a tap in a network namespace of each test's own.

load common

setup_file() {
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    export FRAMES=$BATS_FILE_TMPDIR/frames
    cp -R "$BATS_TEST_DIRNAME/../../examples/device-usage/frames" "$FRAMES"
    cd "$FRAMES" || return 1
    rm -rf dist _build mirage
    mirage configure -t unix >/dev/null
    mirage build >/dev/null
    mirage configure -t spt >/dev/null
    mirage build >/dev/null
}

# A namespace with tap0, 10.0.0.1/24 on the host's side, up; without IPv6, which talks by itself.
net_up() {
    NAMESPACE=mirage-net-$$-$BATS_TEST_NUMBER
    local missing
    for missing in ip ping arping tcpdump tshark; do
        command -v "$missing" >/dev/null || skip "$missing is not installed"
    done
    [ -c /dev/net/tun ] || skip "this kernel has no /dev/net/tun"
    ip netns add "$NAMESPACE" 2>/dev/null || skip "this user may not make network namespaces"
    within sysctl -qw net.ipv6.conf.default.disable_ipv6=1
    within ip link set lo up
    within ip tuntap add tap0 mode tap || skip "no taps in network namespaces here"
    within ip address add 10.0.0.1/24 dev tap0
    within ip link set tap0 up
}

within() {
    ip netns exec "$NAMESPACE" "$@"
}

teardown() {
    local pid
    for pid in "${PIDS[@]}"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    [ -z "${OTHER:-}" ] || ip netns del "$OTHER" 2>/dev/null || true
    [ -z "${NAMESPACE:-}" ] || ip netns del "$NAMESPACE" 2>/dev/null || true
}

# start FILE COMMAND…: in the background and the namespace, with its output in FILE.
start() {
    local file=$1
    shift
    ip netns exec "$NAMESPACE" "$@" >"$file" 2>&1 3>&- &
    PIDS+=($!)
}

# says FILE TEXT: wait until the file has the text.
says() {
    local i
    for ((i = 0; i < 200; i++)); do
        grep -q -- "$2" "$1" && return
        sleep 0.05
    done
    echo "never said: $2"
    cat "$1"
    return 1
}

# project CONFIGURATION: an image like frames, with another configure().
project() {
    cp -R "$FRAMES" "$BATS_TEST_TMPDIR/project"
    cd "$BATS_TEST_TMPDIR/project" || return 1
    rm -rf dist _build mirage
    sed -i "s|default_network()|$1|" config.c
    mirage configure -t unix >/dev/null
    mirage build >/dev/null
}

# What ping and arping find at 10.0.0.2.
answers() {
    within arping -c 2 -i tap0 10.0.0.2
    within ping -c 3 -i 0.05 -W 5 10.0.0.2
    local size
    for size in 0 1 17 1000 1472; do
        within ping -c 2 -i 0.05 -W 5 -M 'do' -s "$size" 10.0.0.2
    done
    if within ping -c 1 -W 1 10.0.0.3; then return 1; fi
}

@test "unix: answers arping, and ping of all sizes" {
    net_up
    start log "$FRAMES/dist/frames"
    says log "answering for 10.0.0.2"
    answers
    grep -Eq 'INF \[netif\] Plugging into tap0 with mac [0-9a-f]{2}(:[0-9a-f]{2}){5} mtu 1500' log
}

@test "spt: answers arping, and ping of all sizes" {
    net_up
    start log solo5-spt --net:service=tap0 --net-mac:service=02:00:00:00:00:07 "$FRAMES/dist/frames.spt"
    says log "answering for 10.0.0.2"
    answers
    grep -q 'INF \[netif\] Plugging into service with mac 02:00:00:00:00:07 mtu 1500' log
    within ip neighbour show 10.0.0.2 | grep -q 02:00:00:00:00:07
}

@test "what it sends is as tcpdump expects it, and counted" {
    net_up
    start capture tcpdump -i tap0 -n --immediate-mode -Z root -c 22 -w frames.pcap
    says capture "listening on"
    start log "$FRAMES/dist/frames" --count=11
    says log "answering for"
    within ping -c 10 -i 0.02 10.0.0.2
    says log "answered 1 ARP requests and 10 pings; 0 bad"
    wait "${PIDS[0]}"
    run tcpdump -r frames.pcap -n -vv
    echo "$output"
    [ "$(grep -c 'ICMP echo reply' <<<"$output")" -eq 10 ]
    [ "$(grep -c 'Reply 10.0.0.2 is-at' <<<"$output")" -eq 1 ]
    [[ $output != *"wrong icmp cksum"* && $output != *"bad cksum"* ]]
}

@test "broken packets are counted, and not answered" {
    net_up
    start log "$FRAMES/dist/frames" --count=2
    says log "answering for"
    # Wrong header checksum, wrong ICMP checksum, a length beyond the frame, a short ARP, a fragment.
    within python3 - <<'END'
import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("tap0", 0))
mac = s.getsockname()[4]
def cks(d):
    t = sum(struct.unpack(f"!{len(d) // 2}H", d))
    while t >> 16: t = (t & 0xFFFF) + (t >> 16)
    return 0xFFFF ^ t
def ip(length=36, good=True, fragment=0):
    h = struct.pack("!BBHHHBBH", 0x45, 0, length, 1, fragment, 64, 1, 0) + bytes([10, 0, 0, 1, 10, 0, 0, 2])
    c = cks(h) ^ (0 if good else 1)
    return h[:10] + struct.pack("!H", c) + h[12:]
def icmp(good=True):
    m = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + b"12345678"
    c = cks(m) ^ (0 if good else 1)
    return m[:2] + struct.pack("!H", c) + m[4:]
head = b"\xff" * 6 + mac
for packet in [ip(good=False) + icmp(), ip() + icmp(False), ip(length=1400) + icmp(), ip(length=10) + icmp(),
               ip(fragment=0x2000) + icmp()]:
    s.send(head + b"\x08\x00" + packet)
s.send(head + b"\x08\x06" + b"\0\1\x08\0\6\4\0\1")
END
    within ping -c 1 -W 5 10.0.0.2
    says log "answered 1 ARP requests and 1 pings; 5 bad, 1 ignored"
}

@test "an interface that is no tap, or busy, or gone, is an error that says so" {
    net_up
    run within "$FRAMES/dist/frames" --interface=lo
    echo "$output"
    [ "$status" -eq 1 ] && [[ $output == *"cannot use the interface 'lo': it is not a tap"* ]]

    run within "$FRAMES/dist/frames" --interface=../tap0
    [ "$status" -eq 1 ] && [[ $output == *"a name has 1 to 15 characters"* ]]

    run within "$FRAMES/dist/frames" --interface=tap1
    [ "$status" -eq 1 ] && [[ $output == *"sudo ip tuntap add tap1 mode tap user"* ]]
    run within ip link show tap1 # and none was made
    [ "$status" -ne 0 ]

    start log "$FRAMES/dist/frames"
    says log "answering for"
    run within "$FRAMES/dist/frames"
    echo "$output"
    [ "$status" -eq 1 ] && [[ $output == *"another program has it"* ]]

    within ip link del tap0
    says log "job frames_main failed: No such device"
}

# An image that only sleeps for 4 s takes next to no time of the processor when its tap is deleted.
cost_without_tap() {
    : >log # of the one before
    within ip link show tap0 >/dev/null 2>&1 || within ip tuntap add tap0 mode tap
    within ip link set tap0 up
    ip netns exec "$NAMESPACE" bash -c 'TIMEFORMAT="cost %U %S"; time "$@"' - "$@" >log 2>&1 3>&- &
    PIDS+=($!)
    says log "Plugging into"
    within ip link del tap0
    wait $!
    cat log
    says log "slept"
    awk '/^cost / { exit ($2 + $3 > 0.2) }' log
}

@test "a tap that is deleted while nobody receives does not keep the instance awake" {
    net_up
    mkdir sleeper && cd sleeper
    write_config <<'END'
MAIN(sleeper, "sleeper_start", net, time)
void configure(void)
{
	register_unikernel("sleeper", sleeper(default_network(), default_time()));
}
END
    cat >unikernel.c <<'END'
#include <mirage/log.h>
#include <mirage/net.h>
#include <mirage/time.h>
int sleeper_start(const struct net *net, const struct time *time)
{
	(void)net;
	int result = time_sleep_ns(time, duration_of_sec(4));
	log_info("slept");
	return result;
}
END
    mirage configure -q -t unix && mirage build >/dev/null
    mirage configure -q -t spt && mirage build >/dev/null
    cost_without_tap dist/sleeper
    cost_without_tap solo5-spt --net:service=tap0 dist/sleeper.spt
}

@test "another user's interface is an error that says so" {
    net_up
    [ "$(id -u)" -eq 0 ] || skip "needs root, to be somebody else"
    within ip tuntap del tap0 mode tap
    within ip tuntap add tap0 mode tap user 12345
    cp "$FRAMES/dist/frames" "$BATS_TEST_TMPDIR/frames"
    chmod 755 "$BATS_TEST_TMPDIR/frames"
    mknod "$BATS_TEST_TMPDIR/tun" c 10 200 && chmod 666 "$BATS_TEST_TMPDIR/tun"
    # shellcheck disable=SC2016 # for the inner shell
    run within unshare -m sh -c 'mount --bind "$1" /dev/net/tun && exec setpriv --reuid 65534 --clear-groups \
        --inh-caps=-all --bounding-set=-all "$2" </dev/null' sh "$BATS_TEST_TMPDIR/tun" /proc/self/fd/9 9<"$BATS_TEST_TMPDIR/frames"
    echo "$output"
    [[ $output != *"unshare"* && $output != *"mount:"* ]] || skip "no mount namespaces here"
    [ "$status" -eq 1 ] && [[ $output == *"the interface 'tap0' is another user's"* ]]
}

@test "frames sent while the link is down are lost, and the rest goes on" {
    net_up
    within ip link set tap0 down
    run within "$FRAMES/dist/frames" --mode=flood --count=100
    echo "$output"
    [ "$status" -eq 0 ] && [[ $output == *"sent 100 frames"* ]]
    start log "$FRAMES/dist/frames"
    says log "answering for"
    within ip link set tap0 up
    within ping -c 1 -W 5 10.0.0.2
}

@test "flood and sink: none of what one sends is missed by the kernel, nor the other way round" {
    net_up
    local image before after
    for image in "$FRAMES/dist/frames" "solo5-spt --net:service=tap0 $FRAMES/dist/frames.spt"; do
        before=$(within cat /sys/class/net/tap0/statistics/rx_packets)
        # shellcheck disable=SC2086 # a command with its arguments
        run within $image --mode=flood --count=10000 --size=1514
        echo "$output"
        [ "$status" -eq 0 ]
        after=$(within cat /sys/class/net/tap0/statistics/rx_packets)
        [ $((after - before)) -eq 10000 ]

        # shellcheck disable=SC2086
        start log $image --mode=sink --count=300
        says log "Plugging into"
        within ping -c 300 -i 0.002 -W 1 -b 10.0.0.255 >/dev/null || true
        says log "received 300 frames, 29400 bytes"
    done
}

@test "super-frames come whole where they are accepted, and cut where they are not" {
    net_up
    cp -R "$BATS_TEST_DIRNAME/net" offload
    cd offload
    mirage configure -t unix >/dev/null
    mirage build >/dev/null

    start log dist/offload --accept
    says log "offloads"
    run within python3 super_frame.py tap0
    echo "$output"
    cat log
    [ "$status" -eq 0 ]
    local digest=${output#*digest }
    digest=${digest%%$'\n'*}
    says log "length 50054 kind 1 segment 1400 payload-at 54 parts many checksum partial digest $digest"
    [[ $output == *"header flags 1 kind 1 segment 1000 start 34 offset 16"* ]]
    [[ $output == *"received 1 frames, good payload"* ]]

    start log2 dist/offload --spread
    says log2 "offloads"
    run within python3 super_frame.py tap0
    echo "$output"
    cat log2
    [ "$status" -eq 0 ]
    [ "$(grep -c 'length 1454 kind 0 segment 0 payload-at 0 parts one checksum right' log2)" -eq 35 ]
    [ "$(grep -c wrong log2)" -eq 0 ]
    [[ $output == *"received 1 frames, good payload"* ]]
}

# A host on each side of an image that bridges: 10.0.0.1 here, 10.0.0.2 in $OTHER.
bridged() {
    within ip address del 10.0.0.1/24 dev tap0
    within ip tuntap add tap1 mode tap
    within ip link set tap1 up
    start log "$@"
    says log "bridging"
    OTHER=$NAMESPACE-other
    ip netns add "$OTHER"
    within ip link set tap1 netns "$OTHER"
    ip netns exec "$OTHER" ip address add 10.0.0.2/24 dev tap1
    ip netns exec "$OTHER" ip link set tap1 up
    within ip address add 10.0.0.1/24 dev tap0
}

# Send 30 MB of TCP from here to there, and print the mean length of a frame that the image took.
transfer() {
    local statistics=/sys/class/net/tap0/statistics before_bytes before_frames
    head -c 30000000 /dev/urandom >sent
    ip netns exec "$OTHER" python3 -c '
import socket
listener = socket.create_server(("10.0.0.2", 5000))
print("listening", flush=True)
peer = listener.accept()[0]
with open("received", "wb") as file:
    while data := peer.recv(1 << 20):
        file.write(data)' >server 2>&1 3>&- &
    PIDS+=($!)
    says server listening
    before_bytes=$(within cat $statistics/tx_bytes) before_frames=$(within cat $statistics/tx_packets)
    within python3 -c '
import socket
peer = socket.create_connection(("10.0.0.2", 5000))
peer.sendall(open("sent", "rb").read())'
    wait "${PIDS[-1]}"
    cmp sent received || return 1
    echo $((($(within cat $statistics/tx_bytes) - before_bytes) / ($(within cat $statistics/tx_packets) - before_frames)))
}

@test "two networks: TCP between two kernels goes through an image, whole where both sides can" {
    net_up
    cp -R "$BATS_TEST_DIRNAME/../../examples/device-usage/bridge" bridge
    cd bridge
    rm -rf dist _build mirage
    local mean
    mirage configure -t unix >/dev/null
    mirage build >/dev/null
    bridged dist/bridge
    mean=$(transfer)
    [ "$mean" -gt 3000 ]
}

@test "two networks: without offload, and on spt, frames are cut by the kernel" {
    net_up
    cp -R "$BATS_TEST_DIRNAME/../../examples/device-usage/bridge" bridge
    cd bridge
    rm -rf dist _build mirage
    mirage configure -t unix >/dev/null
    mirage build >/dev/null
    bridged dist/bridge --offload=false
    [ "$(transfer)" -gt 1000 ]
    kill "${PIDS[0]}" && wait "${PIDS[0]}" || true
    ip netns del "$OTHER"
    within ip link set tap0 down
    within ip link set tap0 up

    mirage configure -t spt >/dev/null
    mirage build >/dev/null
    within ip address add 10.0.0.1/24 dev tap0 || true
    bridged solo5-spt --net:left=tap0 --net:right=tap1 dist/bridge.spt
    [ "$(transfer)" -gt 1000 ]
}

@test "pcap: tshark reads the capture: times, directions, comments" {
    net_up
    project 'pcap(default_network(), "capture.pcapng")'
    local before after
    before=$(date +%s)
    start log dist/frames
    says log "recording into capture.pcapng"
    within ping -c 5 -i 0.05 -W 5 10.0.0.2
    after=$(date +%s)

    run tshark -r capture.pcapng -T fields -e frame.time_epoch -e frame.packet_flags_direction -e _ws.col.Protocol \
        -e icmp.type -e frame.interface_name -o ip.check_checksum:TRUE -Y 'icmp and !_ws.malformed'
    echo "$output"
    [ "$(grep -c ICMP <<<"$output")" -eq 10 ]
    # Requests are inbound, replies outbound.
    [ "$(grep -Pc '\t0x00000001\tICMP\t8\ttap0$' <<<"$output")" -eq 5 ]
    [ "$(grep -Pc '\t0x00000002\tICMP\t0\ttap0$' <<<"$output")" -eq 5 ]
    local time
    while IFS=$'\t.' read -r time _; do
        [ "$time" -ge "$before" ] && [ "$time" -le "$after" ]
    done < <(grep ICMP <<<"$output")
    run tcpdump -nr capture.pcapng icmp
    [ "$(grep -c 'ICMP echo' <<<"$output")" -eq 10 ]
}

@test "faulty: what ping sees of lost, doubled, spoilt and late frames" {
    net_up
    project 'faulty(default_network(), .seed = 1, .duplicate_ppm = 1000000)'
    start log dist/frames
    says log "answering for"
    run within ping -c 3 -i 0.05 -W 5 10.0.0.2
    echo "$output"
    [[ $output == *"DUP!"* && $output == *"+"*"duplicates"* ]]
    kill "${PIDS[-1]}" && wait "${PIDS[-1]}" || true

    cd .. && rm -rf project
    project 'faulty(default_network(), .delay = 30000000)'
    start log dist/frames
    says log "answering for"
    run within ping -c 3 -i 0.05 -W 5 10.0.0.2
    echo "$output"
    local least=${output#*rtt min/avg/max/mdev = }
    [ "${least%%.*}" -ge 60 ] # ms: there and back

    kill "${PIDS[-1]}" && wait "${PIDS[-1]}" || true
    cd .. && rm -rf project
    project 'faulty(default_network(), .drop_ppm = 1000000)'
    start log dist/frames
    says log "answering for"
    run within ping -c 3 -i 0.05 -W 1 10.0.0.2
    [[ $output == *"100% packet loss"* ]]
}

@test "a capture asks for files, which only unix has" {
    cp -R "$FRAMES" project
    cd project
    sed -i 's|default_network()|pcap(default_network(), "x")|' config.c
    run mirage configure -t spt
    echo "$output"
    [ "$status" -ne 0 ] && [[ $output == *"config.c:14: error: 'net_pcap' does not exist on target spt"* ]]
}

@test "a network that cannot be is an error of the configuration, at its place" {
    cp -R "$FRAMES" project
    cd project
    cp config.c config.orig
    local code wanted
    while IFS='|' read -r code wanted; do
        sed "s|default_network()|$code|" config.orig >config.c
        run mirage configure -t spt
        echo "$output"
        [ "$status" -ne 0 ] && [[ $output == *"config.c:14"*"error: $wanted"* ]]
    done <<'END'
netif("")|netif() needs the name of an interface
netif("a.b")|'a.b' cannot be the name of a device of the manifest
pcap(default_network(), "")|pcap() needs the name of a file
faulty(default_network(), .drop_ppm = 1000001)|a rate of faulty() is of a million frames
pcap(default_console(), "x")|passing argument
END
}
