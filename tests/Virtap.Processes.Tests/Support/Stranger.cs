using System.Diagnostics;
using System.Globalization;
using Virtap.Processes.Commands;
using Virtap.Processes.Files;

namespace Virtap.Processes.Tests.Support;

/// <summary>
/// A process to be traced by the tests themselves, killed when disposed. It is no child of theirs: .NET takes the stop of a traced child
/// for its end, and when that child has ended in truth, its thread for signals may turn for ever, and all wait for the ends of others.
/// </summary>
internal sealed class Stranger : IDisposable
{
    private const int KillSignal = 9;

    public Stranger(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "\"$0\" \"$@\" </dev/null >/dev/null 2>&1 & echo $!", program, .. arguments])
        {
            RedirectStandardOutput = true,
        };
        using Process shell = Process.Start(start)!;
        Id = int.Parse(shell.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
        shell.WaitForExit();
        Assert.True(
            SpinWait.SpinUntil(() => LiveProcess.Find(Id)?.Executable == FileIdentity.Of(program), TimeSpan.FromSeconds(20)),
            $"{program} does not start");
    }

    public int Id { get; }

    public void Dispose() => _ = ProcessSignal.Send(Id, KillSignal);
}
