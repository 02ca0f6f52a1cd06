# What a guest of this machine's own processor runs on. Sourced, not run, after common.sh.
#   qemu_package, qemu_program   Debian's package of its QEMU, and the program
#   kernel_options               what the guest's kernel is told of the machine
#   channel                      QEMU's arguments for the device behind the character device "channel", over which commands come

# machine_of ACCELERATOR: prints QEMU's arguments for the machine and the processor.
# maxcpus=2: with room for one CPU only, an emulating QEMU before 8.1 leaves out the guest's memory barriers, and one interrupt in some
# millions is lost.
case "$(uname -m)" in
    x86_64)
        qemu_package=qemu-system-x86 qemu_program=/usr/bin/qemu-system-x86_64
        # no_timer_check: where QEMU gets no processor for a while, the timer's first interrupts come late, and the guest's kernel would panic.
        kernel_options="console=ttyS0 no_timer_check"
        channel=(-serial chardev:channel)
        machine_of() { echo "-accel $1 -cpu max -smp 1,maxcpus=2"; } ;;
    aarch64)
        qemu_package=qemu-system-arm qemu_program=/usr/bin/qemu-system-aarch64
        kernel_options="console=ttyAMA0"
        # The machine has one serial port.
        channel=(-device virtio-serial-pci -device "virtserialport,chardev=channel,nr=1")
        # Pointers are signed by a cheap algorithm where they are emulated: the architecture's own takes more time than all else.
        machine_of() {
            local processor=max
            [ "$1" != tcg ] || processor=max,pauth-impdef=on
            echo "-accel $1 -M virt,gic-version=max -cpu $processor -smp 1,maxcpus=2"
        } ;;
    *) die "a guest runs on x86-64 and aarch64, not on $(uname -m)" ;;
esac
