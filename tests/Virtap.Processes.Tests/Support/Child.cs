using System.Diagnostics;

namespace Virtap.Processes.Tests.Support;

/// <summary>
/// A process of a test's own; killed when disposed. When the constructor returns it has loaded its libraries and waits for something.
/// </summary>
public sealed class Child : IDisposable
{
    private readonly Process _process;

    public Child(string program, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        Assert.True(SpinWait.SpinUntil(IsSettled, TimeSpan.FromSeconds(20)));
    }

    public int Id => _process.Id;

    public StreamReader Output => _process.StandardOutput;

    public StreamWriter Input => _process.StandardInput;

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private bool IsSettled() =>
        File.ReadAllText($"/proc/{Id}/maps").Contains("libc", StringComparison.Ordinal)
            && File.ReadAllText($"/proc/{Id}/status").Contains("State:\tS", StringComparison.Ordinal);
}
