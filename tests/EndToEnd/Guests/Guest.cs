using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Virtap.EndToEnd.Guests;

/// <summary>
/// A Linux guest on Debian's QEMU (guest/build makes it; guest/init is its only program). Commands go to it over a
/// serial port, so that no virtio device is used except the ones under test. Killed when disposed.
/// </summary>
public sealed class Guest : IAsyncDisposable
{
    /// <summary>
    /// Options of fio: 20,000 reads, 128 at a time, the next when all have come. One by one as others complete, it is chance whether
    /// the queue is ever full when QEMU looks.
    /// </summary>
    public const string WholeQueues = "--rw=randread --bs=4k --ioengine=libaio --iodepth=128 --iodepth_batch_submit=128 "
        + "--iodepth_batch_complete_min=128 --number_ios=20000";

    // An emulated machine of another architecture takes its time on a machine that is busy.
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(4);

    private readonly string _directory;
    private readonly Process _qemu;
    private readonly Task<string> _complaints;
    private readonly StreamReader _channelIn;
    private readonly StreamWriter _channelOut;

    private Guest(string directory, Process qemu, NetworkStream channel, QmpClient qmp)
    {
        _directory = directory;
        _qemu = qemu;
        _complaints = qemu.StandardError.ReadToEndAsync();
        _channelIn = new StreamReader(channel, Encoding.UTF8);
        _channelOut = new StreamWriter(channel) { AutoFlush = true, NewLine = "\n" };
        Qmp = qmp;
    }

    /// <summary>The QEMU that is traced, unless the guest has one of its own.</summary>
    public static string Qemu => "/usr/bin/qemu-system-x86_64";

    /// <summary>QEMU's process id.</summary>
    public int ProcessId => _qemu.Id;

    /// <summary>QEMU's own control channel.</summary>
    public QmpClient Qmp { get; }

    /// <summary>What the guest's kernel and init printed so far.</summary>
    public string Console => File.ReadAllText(Path.Combine(_directory, "console"));

    /// <summary>What QEMU has logged of its own trace events so far.</summary>
    public TraceLog TraceLog => TraceLog.Read(TraceLogPath(_directory));

    /// <summary>Starts QEMU; waits for the guest to be ready for commands unless it starts paused.</summary>
    public static async Task<Guest> StartAsync(GuestOptions options)
    {
        var directory = Directory.CreateTempSubdirectory("virtap-guest-").FullName;
        using var channel = Listen(Path.Combine(directory, "channel"));
        using var qmp = Listen(Path.Combine(directory, "qmp"));
        var machine = options.Machine;
        var initramfs = await InitramfsAsync(directory, options);

        List<string> command = options.SharesOneCpu ? ["taskset", "-c", LastCpu(), "chrt", "--batch", "0"] : [];
        command.AddRange([
            machine.Qemu, "-accel", "tcg", .. machine.Processor, "-m", options.Memory.ToString(CultureInfo.InvariantCulture),
            "-nodefaults", "-display", "none", "-no-reboot",
            "-kernel", Repository.PathOf("out", machine.Folder, options.Kernel), "-initrd", initramfs,
            "-append", $"{machine.KernelOptions} quiet panic=-1",
            "-serial", $"file:{directory}/console",
            // QEMU is the client: there is somebody to read from its first byte on.
            "-chardev", $"socket,id=channel,path={directory}/channel", .. machine.Channel,
            "-chardev", $"socket,id=control,path={directory}/qmp", "-mon", "chardev=control,mode=control",
            .. options.Devices]);
        if (options.Trace.Count > 0)
        {
            // With timestamps each line also tells the thread that logged it.
            command.AddRange(["-D", TraceLogPath(directory), "-msg", "timestamp=on"]);
            foreach (var pattern in options.Trace)
                command.AddRange(["-trace", pattern]);
        }

        if (options.StartPaused)
            command.Add("-S");

        var process = Command.Start(command[0], command.Skip(1));
        try
        {
            var stream = await AcceptAsync(channel, process);
            var control = await QmpClient.StartAsync(await AcceptAsync(qmp, process));
            var guest = new Guest(directory, process, stream, control);
            if (!options.StartPaused)
                await guest.ReadyAsync();
            return guest;
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Lets a paused guest run, and waits until it is ready for commands.</summary>
    public async Task ResumeAsync()
    {
        await Qmp.ExecuteAsync("cont");
        await ReadyAsync();
    }

    /// <summary>Runs one line of shell in the guest; both of its streams come back as the output.</summary>
    public async Task<CommandResult> RunAsync(string command, TimeSpan? limit = null)
    {
        await _channelOut.WriteLineAsync(command);
        var output = new StringBuilder();
        while (true)
        {
            var line = await ReadLineAsync(limit ?? TimeSpan.FromMinutes(2));
            const string Status = "virtap-guest: status ";
            if (line.StartsWith(Status, StringComparison.Ordinal))
            {
                // The init script puts its line after a newline of its own.
                if (output is [.., '\n'])
                    output.Length--;
                return new CommandResult(int.Parse(line.AsSpan(Status.Length), CultureInfo.InvariantCulture), output.ToString(), "");
            }

            output.Append(line).Append('\n');
        }
    }

    /// <summary>Runs fio on the guest's first disk with direct I/O; <paramref name="options"/> are its other options.</summary>
    public async Task<FioResult> FioAsync(string options) =>
        FioResult.Parse(await RunAsync($"fio --name=test --filename=/dev/vda --direct=1 --output-format=json {options}"));

    /// <summary>Shuts the guest down and waits for QEMU's end.</summary>
    /// <returns>What QEMU logged of its own trace events.</returns>
    public async Task<TraceLog> PowerOffAsync()
    {
        await _channelOut.WriteLineAsync("poweroff");
        await _qemu.WaitForExitAsync().WaitAsync(BootLimit);
        var log = TraceLogPath(_directory);
        return File.Exists(log) ? TraceLog.Read(log) : TraceLog.Empty;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_qemu.HasExited)
        {
            _qemu.Kill();
            await _qemu.WaitForExitAsync();
        }

        Qmp.Dispose();
        _channelIn.Dispose();
        _qemu.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static string TraceLogPath(string directory) => Path.Combine(directory, "trace");

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }

    private static async Task<NetworkStream> AcceptAsync(Socket listener, Process qemu)
    {
        var accepted = listener.AcceptAsync();
        if (await Task.WhenAny(accepted, qemu.WaitForExitAsync()) != accepted)
            throw new InvalidOperationException("QEMU ended: " + await qemu.StandardError.ReadToEndAsync());
        return new NetworkStream(await accepted, ownsSocket: true);
    }

    /// <summary>The guest's initial file system: the common one, or one with a second archive of the test's own files after it.</summary>
    private static async Task<string> InitramfsAsync(string directory, GuestOptions options)
    {
        var common = Repository.PathOf("out", options.Machine.Folder, "initramfs.cpio");
        if (options.Files.Count == 0)
            return common;
        var root = Path.Combine(directory, "files");
        foreach (var (there, here) in options.Files)
        {
            var target = root + there;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(here, target);
        }

        var combined = Path.Combine(directory, "initramfs");
        var made = await Command.RunAsync("/bin/sh",
            ["-c", "cd \"$1\" && find . | cpio --quiet -o -H newc -R 0:0 | cat \"$2\" - >\"$3\"", "sh", root, common, combined]);
        return made.Status == 0 ? combined : throw new InvalidOperationException("cpio failed: " + made.Error);
    }

    /// <summary>The last CPU that this process may run on.</summary>
    private static string LastCpu()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
        return line[(line.LastIndexOfAny([':', ',', '-', '\t']) + 1)..].Trim();
    }

    private async Task ReadyAsync()
    {
        while (!(await ReadLineAsync(BootLimit)).StartsWith("virtap-guest: ready", StringComparison.Ordinal))
        {
        }
    }

    private async Task<string> ReadLineAsync(TimeSpan limit)
    {
        try
        {
            return await _channelIn.ReadLineAsync().WaitAsync(limit)
                ?? throw new InvalidOperationException($"The guest is gone. QEMU: {await _complaints}Console: {Console}");
        }
        catch (TimeoutException)
        {
            var verdict = await VirtapProcess.RunAsync("why", ProcessId.ToString(CultureInfo.InvariantCulture));
            throw new TimeoutException($"The guest does not answer. Its console: {Console}\nvirtap why: {verdict.Output}{verdict.Error}");
        }
    }
}
