using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Virtap.Processes;
using Virtap.Virtio.Devices;
using Virtap.Virtio.Monitors;
using Virtap.Virtio.Queues;
using Virtap.Virtio.Verdicts;
using Virtap.Watch.Diagnoses;

namespace Virtap.Virtio.Tests.Support;

/// <summary>
/// Debian's QEMU with devices to look at, and QMP to ask it for the truth. Without a guest of its own it runs its firmware; paused it runs
/// nothing. Killed when disposed.
/// </summary>
public sealed class Qemu : IDisposable
{
    public const string Program = "/usr/bin/qemu-system-x86_64";

    private readonly Process _process;
    private readonly string _folder;
    private readonly QmpClient _qmp;
    private NetworkStream? _guest;
    private StreamReader? _guestOutput;

    private Qemu(Process process, string folder, Socket connection)
    {
        _process = process;
        _folder = folder;
        _qmp = new QmpClient(connection);
    }

    public int Id => _process.Id;

    public LiveProcess Process => LiveProcess.Find(Id)!;

    /// <summary>Starts one; skips the test where there is no QEMU.</summary>
    public static Qemu Start(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(Program), "no QEMU is installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "reading another process takes root");
        string folder = Directory.CreateTempSubdirectory("virtap-virtio-").FullName;
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "qmp")));
        listener.Listen();
        Process process = System.Diagnostics.Process.Start(new ProcessStartInfo(Program,
            ["-accel", "tcg", "-m", "64", "-nodefaults", "-display", "none",
            "-chardev", $"socket,id=control,path={folder}/qmp", "-mon", "chardev=control,mode=control", .. arguments])
        {
            RedirectStandardError = true,
        })!;
        Task<Socket> accepted = listener.AcceptAsync();
        if (Task.WaitAny(accepted, process.WaitForExitAsync()) != 0)
            throw new InvalidOperationException(process.StandardError.ReadToEnd());
        return new Qemu(process, folder, accepted.Result);
    }

    /// <summary>Starts one with a Linux guest that has booted; skips the test where guest/build has not made it.</summary>
    public static Qemu Boot(params string[] devices)
    {
        Assert.SkipUnless(
            RuntimeInformation.OSArchitecture == Architecture.X64, "the guest is a PC, which guest/build makes on x86-64 only");
        string? image = Path.GetDirectoryName(Repository.Find(Path.Combine("out", "guest", "initramfs.cpio")));
        Assert.SkipWhen(image is null, "there is no guest: run guest/build");
        string folder = Directory.CreateTempSubdirectory("virtap-channel-").FullName;
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "channel")));
            listener.Listen();
            Qemu qemu = Start(
                // Room for a second CPU: without it an emulating QEMU before 8.1 leaves out the guest's memory barriers, and loses
                // interrupts.
                ["-m", "512", "-smp", "1,maxcpus=2", "-cpu", "max", "-no-reboot", "-kernel", image + "/vmlinuz", "-initrd", image
                    + "/initramfs.cpio", "-append", "console=ttyS0 no_timer_check quiet panic=-1",
                "-serial", "null", "-chardev", $"socket,id=channel,path={folder}/channel", "-serial", "chardev:channel", .. devices]);
            qemu._guest = new NetworkStream(listener.Accept(), ownsSocket: true) { ReadTimeout = 90_000 };
            qemu._guestOutput = new StreamReader(qemu._guest);
            qemu.WaitForGuest("virtap-guest: ready");
            return qemu;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs a line of shell in the guest and waits for its end.</summary>
    public void Run(string command)
    {
        Begin(command);
        Finish();
    }

    /// <summary>Waits for the end of what <see cref="Begin"/> began.</summary>
    public void Finish()
    {
        string output = "";
        Assert.True(WaitForGuest("virtap-guest: status", line => output += line + "\n") == "virtap-guest: status 0", output);
    }

    /// <summary>Runs a line of shell in the guest without waiting.</summary>
    public void Begin(string command) => _guest!.Write(Encoding.UTF8.GetBytes(command + "\n"));

    /// <summary>Runs a QMP command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments as JSON.</param>
    public JsonElement Ask(string command, string arguments = "{}")
    {
        JsonElement answer = _qmp.Execute(command, arguments);
        return answer.TryGetProperty("return", out JsonElement result) ? result : throw new InvalidOperationException(answer.ToString());
    }

    /// <summary>Its devices as Virtap sees them.</summary>
    public IReadOnlyList<VirtioDevice> Devices() => QemuProcess.Open(Process).FindDevices();

    /// <summary>A device by its id, with this QEMU as Virtap sees it.</summary>
    public (QemuProcess Qemu, VirtioDevice Device) Find(string id)
    {
        QemuProcess qemu = QemuProcess.Open(Process);
        return (qemu, qemu.FindDevices().Single(d => d.Id == id));
    }

    /// <summary>A device's state now.</summary>
    public DeviceState Read(string id)
    {
        var (qemu, device) = Find(id);
        return new QueueReader(qemu, device).Read()!;
    }

    /// <summary>Watches a device as <c>virtap why</c> does, for a shorter time.</summary>
    public Diagnosis Diagnose(string id)
    {
        var (qemu, device) = Find(id);
        return Diagnosis.Run(qemu, device, TimeSpan.FromSeconds(1.2));
    }

    /// <summary>Writes into its memory, guest memory included.</summary>
    public void Write(ulong address, ushort value)
    {
        using FileStream memory = new($"/proc/{Id}/mem", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        memory.Seek((long)address, SeekOrigin.Begin);
        memory.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in value)));
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _qmp.Dispose();
        _process.Dispose();
        _guest?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string WaitForGuest(string start, Action<string>? other = null)
    {
        while (true)
        {
            string line = _guestOutput!.ReadLine() ?? throw new InvalidOperationException("the guest is gone");
            if (line.StartsWith(start, StringComparison.Ordinal))
                return line;
            other?.Invoke(line);
        }
    }
}
