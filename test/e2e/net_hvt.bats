#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The network device of an hvt image, in the lab, with the lab's kernel and busybox's ping as peers.

load common
load ../lab/hvt/lab

# One build and one boot serve the tests of this file.
setup_file() {
    export PROJECT=$BATS_FILE_TMPDIR/frames
    export PATH=$BATS_TEST_DIRNAME/../../build/bin:$PATH
    cp -R "$BATS_TEST_DIRNAME/../../examples/device-usage/frames" "$PROJECT"
    cd "$PROJECT" || return 1
    rm -rf dist _build mirage
    mirage configure -t hvt >/dev/null
    mirage build >/dev/null
    cat >checks.sh <<'END'
tunctl -t tap0 >/dev/null
ip address add 10.0.0.1/24 dev tap0
ip link set tap0 up
LAB_SECONDS=120
check "hvt answers arping, and ping of all sizes" '
    solo5-hvt --net:service=tap0 --net-mac:service=02:00:00:00:00:07 frames.hvt >/tmp/log 2>&1 &
    wait_for /tmp/log "answering for 10.0.0.2"
    grep -q "INF \[netif\] Plugging into service with mac 02:00:00:00:00:07 mtu 1500" /tmp/log
    arping -c 2 -I tap0 10.0.0.2
    for size in 0 1 17 1000 1472; do ping -c 2 -W 5 -s $size 10.0.0.2; done
    expect 1 ping -c 1 -W 1 10.0.0.3
    grep -q "^10.0.0.2 .* 02:00:00:00:00:07 " /proc/net/arp
    kill $!; wait $! || true'
check "hvt counts what it answers, and ends well" '
    solo5-hvt --net:service=tap0 frames.hvt --count=4 >/tmp/log 2>&1 &
    wait_for /tmp/log "answering for 10.0.0.2"
    ip neigh flush dev tap0
    ping -c 3 -W 5 10.0.0.2
    wait_for /tmp/log "answered 1 ARP requests and 3 pings; 0 bad"
    wait_for /tmp/log "solo5_exit(0) called"'
check "hvt sends frames of all lengths, none of which is missed" '
    for size in 60 1514; do
        before=$(cat /sys/class/net/tap0/statistics/rx_packets)
        expect 0 solo5-hvt --net:service=tap0 frames.hvt --mode=flood --count=1000 --size=$size
        says "sent 1000 frames"
        after=$(cat /sys/class/net/tap0/statistics/rx_packets)
        test $((after - before)) -eq 1000
        note "$(grep "sent 1000" $LAB_OUTPUT)"
    done'
END
    lab_boot --program "$(command -v solo5-hvt)" --file dist/frames.hvt --script checks.sh
}

@test "hvt answers arping, and ping of all sizes" { lab_result; }
@test "hvt counts what it answers, and ends well" { lab_result; }
@test "hvt sends frames of all lengths, none of which is missed" { lab_result; }
@test "no check is lost" { lab_checks_all_asked; }
