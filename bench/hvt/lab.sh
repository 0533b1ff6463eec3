# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# What bench_hvt.sh measures in the lab, where everything is emulated: ratios mean something there,
# times do not.

# milliseconds COUNT COMMAND...: of COUNT runs, one after the other.
milliseconds() {
    count=$1
    shift
    begin=$(cut -d' ' -f1 /proc/uptime | tr -d .)
    i=0
    while [ $i -lt "$count" ]; do
        "$@" >/dev/null || return 1
        i=$((i + 1))
    done
    end=$(cut -d' ' -f1 /proc/uptime | tr -d .)
    echo $(((end - begin) * 10))
}

# tenths A B: A / B with one digit.
tenths() {
    echo "$(($1 * 10 / $2 / 10)).$(($1 * 10 / $2 % 10))"
}

tunctl -t left && tunctl -t right && ip link set left up && ip link set right up
head -c 4096 /dev/zero >disk.img
devices() {
    solo5-hvt --net:left=left --net:right=right --block:first=disk.img --block:second=disk.img devices.hvt "$1" |
        sed -n 's/^ns per frame //p'
}

hello=$(milliseconds 20 solo5-hvt probe.hvt hello)
empty=$(milliseconds 20 /bin/busybox true)
note "hello, exec to exit: $((hello / 20)) ms, $(tenths "$hello" "$empty") of an empty program"

call=$(solo5-hvt probe.hvt calls=2000 | sed -n 's/^ns per call //p')
syscalls=$(milliseconds 1 dd if=/dev/zero of=/dev/null bs=1 count=20000 2>/dev/null)
note "hypercall: $call ns, $(tenths "$call" $((syscalls * 1000000 / 40000))) of a system call"

single=$(devices flood=2000)
ring=$(devices ring-flood=2000)
note "frame of 60 bytes out: $single ns by a hypercall, $ring ns by the ring, $(tenths "$single" "$ring") times as fast"
check "measured" true
