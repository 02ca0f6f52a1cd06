using System.Diagnostics;
using System.Net.Sockets;

namespace Virtap.Qtest;

/// <summary>
/// A QEMU whose guest is one idle processor, and whose devices the test drives itself (<see cref="VirtioDriver"/>). It runs: a stopped one
/// serves no ioeventfd. Killed when disposed.
/// </summary>
public sealed class QtestMachine : IDisposable
{
    private const int Memory = 128;
    // virt has its device tree in the first megabyte of its memory.
    private const ulong RamUsed = 16 << 20, VirtRam = 0x40000000, VirtCode = VirtRam + (2 << 20);

    private readonly Process _process;
    private readonly string _folder;

    private QtestMachine(Process process, string folder, Socket qtest, Socket monitor, ulong ram)
    {
        _process = process;
        _folder = folder;
        Qtest = new QtestConnection(new NetworkStream(qtest, ownsSocket: true));
        Monitor = monitor;
        Ram = new GuestRam(Qtest, ram + RamUsed, ((ulong)Memory << 20) - RamUsed);
    }

    /// <summary>QEMU's process id.</summary>
    public int Id => _process.Id;

    /// <summary>The way to its memory and its devices.</summary>
    public QtestConnection Qtest { get; }

    /// <summary>A connection to its QMP monitor, which has not been read from.</summary>
    public Socket Monitor { get; }

    /// <summary>Memory for the drivers.</summary>
    public GuestRam Ram { get; }

    /// <summary>A PC (i440fx, or q35 by <c>-M q35</c> among the arguments). Its devices sit on <see cref="PciBus.OfPc"/>.</summary>
    public static QtestMachine StartPc(RunnableQemu qemu, params IEnumerable<string> arguments)
    {
        // The last 16 bytes are where the processor begins: cli; hlt; jmp to hlt.
        byte[] firmware = new byte[65536];
        ReadOnlySpan<byte> idle = [0xfa, 0xf4, 0xeb, 0xfd];
        idle.CopyTo(firmware.AsSpan(firmware.Length - 16));
        return Start(qemu, firmware, program => ["-bios", program], 0, arguments);
    }

    /// <summary>
    /// aarch64's <c>virt</c>. Its devices sit on virtio-mmio (<see cref="MmioTransport.OfVirt"/>; without an iothread, which takes an
    /// ioeventfd, which takes KVM there) or on <see cref="PciBus.OfVirt"/>.
    /// </summary>
    public static QtestMachine StartVirt(RunnableQemu qemu, params IEnumerable<string> arguments)
    {
        // wfi; b to it.
        byte[] idle = [0x7f, 0x20, 0x03, 0xd5, 0xff, 0xff, 0xff, 0x17];
        return Start(
            qemu, idle,
            program => ["-M", "virt,highmem=off", "-global", "virtio-mmio.force-legacy=false", "-device",
                $"loader,file={program},addr=0x{VirtCode:x},cpu-num=0,force-raw=on"], VirtRam, arguments);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Qtest.Dispose();
        Monitor.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static QtestMachine Start(
        RunnableQemu qemu, byte[] code, Func<string, IEnumerable<string>> begin, ulong ram, IEnumerable<string> arguments)
    {
        // Below QEMU's own root, where both sides reach it.
        string inside = "/tmp/virtap-" + Path.GetRandomFileName();
        string folder = Directory.CreateDirectory(qemu.Root + inside).FullName;
        File.WriteAllBytes(Path.Combine(folder, "code"), code);
        using Socket qtest = Listen("qtest"), monitor = Listen("qmp");
        string[] command =
        [
            .. qemu.Command, "-accel", "tcg", "-m", $"{Memory}", "-nodefaults", "-display", "none", "-qtest", $"unix:{inside}/qtest",
            "-qtest-log", "none", "-qmp", $"unix:{inside}/qmp", .. begin(inside + "/code"), .. arguments,
        ];
        Process process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        Task<Socket[]> both = Task.WhenAll(qtest.AcceptAsync(), monitor.AcceptAsync());
        if (Task.WaitAny(both, process.WaitForExitAsync()) != 0)
            throw new InvalidOperationException(process.StandardError.ReadToEnd());
        return new QtestMachine(process, folder, both.Result[0], both.Result[1], ram);

        Socket Listen(string name)
        {
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, name)));
            listener.Listen();
            return listener;
        }
    }
}

/// <summary>A QEMU that can be run.</summary>
/// <param name="Root">Its root directory, as in a container; "" for this host's.</param>
/// <param name="Program">Its path below that.</param>
public sealed record RunnableQemu(string Root, string Program)
{
    /// <summary>What runs it, without its arguments.</summary>
    public IReadOnlyList<string> Command => Root.Length == 0 ? [Program] : ["/usr/sbin/chroot", Root, Program];
}
