using System.Diagnostics;
using Virtap.Processes;

namespace Virtap.Virtio.Tests.Support;

/// <summary>
/// A QEMU that was started and is left alone, at whatever it is doing: no control channel, and nobody has waited for it. Killed when
/// disposed.
/// </summary>
public sealed class BareQemu : IDisposable
{
    /// <summary>Devices to look for.</summary>
    public static readonly string[] Devices =
    [
        "-object", "iothread,id=iothread0", "-blockdev", "driver=null-co,node-name=backing0", "-device",
        "virtio-blk-pci,id=disk0,drive=backing0,iothread=iothread0",
        "-netdev", "user,id=net0", "-device", "virtio-net-pci,id=nic0,netdev=net0", "-device", "virtio-balloon-pci,id=balloon0", "-device",
        "virtio-serial-pci,id=serial0",
    ];

    // What a copy of QEMU does not find beside itself.
    private static readonly string[] s_firmware = ["-L", "/usr/share/qemu", "-L", "/usr/share/seabios", "-L", "/usr/lib/ipxe/qemu"];
    private static readonly KeyValuePair<string, string?> s_modules = new("QEMU_MODULE_DIR", "/usr/lib/x86_64-linux-gnu/qemu");

    private readonly Process _process;

    private BareQemu(Process process) => _process = process;

    public int Id => _process.Id;

    public LiveProcess Process => LiveProcess.Find(Id)!;

    /// <summary>
    /// Starts a program that is a QEMU, with arguments after those that give it no devices and no screen. It does not run its guest.
    /// </summary>
    public static BareQemu Start(string program, params string[] arguments) => Start([], program, arguments);

    /// <summary>The same through another command, which runs what follows it.</summary>
    public static BareQemu Start(IReadOnlyList<string> through, string program, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Qemu.Program), "no QEMU is installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "reading another process takes root");
        string[] command = [.. through, program, "-S", "-m", "64", "-nodefaults", "-display", "none", .. s_firmware, .. arguments];
        return new BareQemu(
            System.Diagnostics.Process.Start(
                new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true, Environment = { s_modules } })!);
    }

    /// <summary>Waits until it has set up its machine, and its threads are at rest.</summary>
    public void WaitUntilSettled() =>
        Assert.True(
            SpinWait.SpinUntil(
                () => _process.HasExited
                || new LiveThread(Id, Id)
                .ReadStatus()?.WaitsIn?.Contains("poll", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(30))
                    && !_process.HasExited,
            _process.HasExited ? _process.StandardError.ReadToEnd() : "it does not come to rest");

    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
