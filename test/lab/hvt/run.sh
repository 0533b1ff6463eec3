#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Boot Debian's Linux in QEMU's software emulation, with a KVM of its own (nested AMD-V), run a
# script of checks in it, and print their results as TAP. `run.sh --help` and README.md say more.
set -u
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)

usage() {
    cat <<'END'
run.sh [options] --script FILE
  --script FILE          the checks, for busybox's shell (see inside.sh); repeatable, in this order
  --program FILE         a program of this machine, with its shared libraries, into /bin; repeatable
  --file FILE[=NAME]     a file or folder into the folder of the checks; repeatable
  --timeout SECONDS      of the whole run (default 300)
  --memory MIB           of the lab (default 1024)
  --processors N         of the lab (default 1; more are not reliable, see README.md)
  --console FILE         keep what the kernel and the init script print
Status: 0 every check held; 1 one did not, or the lab broke; 2 usage.
Without QEMU, busybox-static or cpio the one result is a skip.
END
}

scripts=() programs=() files=()
timeout=300 memory=1024 processors=1 console=

while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit 0 ;;
    --script | --program | --file | --timeout | --memory | --processors | --console)
        [ $# -ge 2 ] || { usage >&2 && exit 2; }
        case $1 in
        --script) scripts+=("$2") ;;
        --program) programs+=("$2") ;;
        --file) files+=("$2") ;;
        --timeout) timeout=$2 ;;
        --memory) memory=$2 ;;
        --processors) processors=$2 ;;
        --console) console=$2 ;;
        esac
        shift 2
        ;;
    *)
        echo "run.sh: unknown option '$1'" >&2
        usage >&2
        exit 2
        ;;
    esac
done
[ ${#scripts[@]} -gt 0 ] || { usage >&2 && exit 2; }

skip() {
    echo "ok 1 - the hvt lab # SKIP $1"
    echo '1..1'
    exit 0
}

broken() {
    echo "not ok - the hvt lab: $1"
    exit 1
}

for tool in qemu-system-x86_64 cpio; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
if ! busybox=$(command -v busybox) || ldd "$busybox" >/dev/null 2>&1; then
    skip "busybox-static is not installed"
fi

modules=(irqbypass kvm ccp kvm-amd tun)
patterns=('./boot/vmlinuz-*')
for module in "${modules[@]}"; do patterns+=("./lib/modules/*/$module.ko"); done
kernel=$("$here/fetch.sh" linux-image-amd64 "${patterns[@]}") || broken "no kernel"
echo "# lab: $(cat "$kernel/origin")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp,modules,lib64,lab/.checks}

cp "$busybox" "$root/bin/busybox"
while IFS= read -r applet; do
    ln -sf busybox "$root/bin/$applet"
done < <("$busybox" --list | grep -vx busybox)
find "$kernel/lib/modules" -name '*.ko' -exec cp -t "$root/modules" {} +
printf '%s\n' "${modules[@]}" >"$root/modules/order"
cp "$here/init" "$root/init"
cp "$here/inside.sh" "$root/lab/.checks/inside.sh"
chmod +x "$root/init"
cat "${scripts[@]}" >"$root/lab/.checks/script" || broken "a script cannot be read"

for program in "${programs[@]}"; do
    name=$(basename "$program")
    rm -f "$root/bin/$name" # an applet may have the name
    cp -L "$program" "$root/bin/$name" || broken "cannot copy $program"
    while IFS= read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -Lu "$library" "$root$library"
    done < <(ldd "$program" 2>/dev/null | grep -o '/[^ ]*')
done
for file in "${files[@]}"; do
    source=${file%%=*}
    name=$(basename "$source")
    [ "$source" = "$file" ] || name=${file#*=}
    cp -LR "$source" "$root/lab/$name" || broken "cannot copy $source"
done

(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$work/initrd" ||
    broken "cannot make the initramfs"

# Never -enable-kvm: some machines' /dev/kvm cannot nest.
timeout -s KILL "$timeout" qemu-system-x86_64 -accel tcg -cpu EPYC,+svm -machine q35 -smp "$processors" \
    -m "$memory" -nodefaults -display none -no-reboot \
    -serial "file:$work/console" -serial stdio \
    -kernel "$(echo "$kernel"/boot/vmlinuz-*)" -initrd "$work/initrd" \
    -append 'console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check' \
    </dev/null 2>"$work/qemu.log" | sed -u 's/\r$//' | tee "$work/tap"

[ -z "$console" ] || cp "$work/console" "$console"
if ! grep -q '^1\.\.[0-9]' "$work/tap"; then
    echo "not ok - the hvt lab came to its end"
    { grep -v "doesn't support requested feature" "$work/qemu.log"; tail -n 20 "$work/console"; } | tr -cd '\t\n -~' | sed 's/^/# /'
    echo "1..$(($(grep -cE '^(not )?ok ' "$work/tap") + 1))"
    exit 1
fi
! grep -q '^not ok' "$work/tap"
