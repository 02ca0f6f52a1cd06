using System.CommandLine;
using System.Globalization;
using Virtap.Cli.Counting;
using Virtap.Cli.Run;
using Virtap.Cli.Targets;
using Virtap.Virtio.Devices;

namespace Virtap.Cli.Coalescing;

/// <summary><c>virtap coalescing</c>: how many requests each notification of a disk announces; examples/coalescing.stp without having to write it.</summary>
internal static class CoalescingCommand
{
    /// <summary>The QEMU that the script names; another one takes its place as with --exe.</summary>
    private const string ScriptsQemu = "/usr/bin/qemu-system-x86_64";

    public static Command Create()
    {
        var words = TargetWords.Argument("target", new ArgumentArity(0, 2), "[PID] DEVICE: a virtio disk by its id (disk0, vdev:disk0); not needed where there is only one device");
        var seconds = new Option<int?>("--seconds", "-T") { Description = "how long to watch; until Ctrl-C if not given", HelpName = "s" };
        var show = new Option<bool>("--show-script") { Description = "print the script that is run, to take it from there" };
        var command = new Command("coalescing", """
            how many requests come to one notification (interrupt) of a virtio disk

            Many: one interrupt serves many requests, cheap for the guest. Few: no request waits for others to complete.

            Examples:
              virtap coalescing disk0 --seconds 10
              virtap coalescing --show-script > mine.stp; virtap run -x 4711 mine.stp vdev:disk0
            """) { words, seconds, show };
        command.SetAction(parsed => ExitStatus.Of(() =>
            parsed.GetValue(show) ? ShowScript() : Run(TargetWords.Parse(parsed.GetValue(words) ?? []), parsed.GetValue(seconds))));
        return command;
    }

    private static int ShowScript()
    {
        Console.Out.Write(Script());
        return ExitStatus.Success;
    }

    private static int Run(TargetWords words, int? seconds)
    {
        if (seconds is < 1)
            throw new CommandException("--seconds is at least 1");
        DeviceTarget target = TargetSearch.FindOne(words);
        VirtioDevice device = target.Device;
        if (device.Kind != "virtio-blk")
            throw new CommandException($"{device.Name} is a {device.Kind}; requests per notification are counted for virtio-blk, by QEMU's mark virtio_blk_req_complete");
        if (!Console.IsErrorRedirected)
            Console.Error.WriteLine($"watching {device.Name} of QEMU {device.ProcessId}{(seconds is null ? "; Ctrl-C ends" : Invariant($" for {seconds} s"))}");
        using var run = new ScriptRun(new RunOptions
        {
            ScriptText = Script(),
            Arguments = [Invariant($"0x{device.Address:x}")],
            TargetProcess = device.ProcessId,
            Seconds = seconds,
            Executables = new Dictionary<string, string> { [ScriptsQemu] = target.Qemu.Process.ExecutablePath },
        });
        return run.Execute();
    }

    private static string Script() => CountingScript.Text("coalescing.stp");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
