namespace Virtap.EndToEnd.Guests;

/// <summary>What a guest runs on: a processor, and the way in.</summary>
/// <param name="Qemu">The QEMU that emulates it.</param>
/// <param name="Processor">Its arguments for machine and processor.</param>
/// <param name="Folder">Where in the repository the guest's kernel and file system are.</param>
/// <param name="KernelOptions">What its kernel is told: the serial port of its messages first.</param>
/// <param name="Channel">QEMU's arguments for the device behind the character device <c>channel</c>, over which commands come.</param>
public sealed record GuestMachine(
    string Qemu, IReadOnlyList<string> Processor, string Folder, string KernelOptions, IReadOnlyList<string> Channel)
{
    /// <summary>
    /// One CPU with room for another. With room for one only, an emulating QEMU before 8.1 translates no memory barriers
    /// (its commit c914d46d0a64, "tcg: Do not elide memory barriers for !CF_PARALLEL in system mode"): the driver's
    /// used_event and the iothread's used index pass each other, and a disk hangs by a lost interrupt once in some hundred boots.
    /// </summary>
    private const string OneCpu = "1,maxcpus=2";

    /// <summary>
    /// A PC, whose QEMU is what is looked at: <c>guest/build</c>. Its kernel does not try whether the timer's interrupts come: where QEMU
    /// has no processor for some milliseconds they come late, and the kernel panics ("IO-APIC + timer doesn't work").
    /// </summary>
    public static GuestMachine X64 { get; } = new(
        Guest.Qemu, ["-cpu", "max", "-smp", OneCpu], "guest", "console=ttyS0 no_timer_check", ["-serial", "chardev:channel"]);

    /// <summary>
    /// An aarch64 machine, in which a QEMU runs that is looked at: <c>guest/build-arm64</c>. Its pointers are signed by a cheap algorithm:
    /// the architecture's own takes the emulator more time than all else.
    /// </summary>
    public static GuestMachine Arm64 { get; } = new(
        "/usr/bin/qemu-system-aarch64", ["-M", "virt", "-cpu", "max,pauth-impdef=on", "-smp", "2"], "guest-arm64", "console=ttyAMA0",
        ["-device", "virtio-serial-pci,max_ports=4", "-device", "virtserialport,chardev=channel,nr=1"]);
}
