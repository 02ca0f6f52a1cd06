using Virtap.Processes.Tests.Support;

namespace Virtap.Processes.Tests.Stacks;

/// <summary>A process that has come to where it waits for a signal; killed when disposed.</summary>
internal sealed class Resting : IDisposable
{
    private readonly Stranger _process;

    public Resting(string program, params string[] arguments)
    {
        _process = new Stranger(program, arguments);
        Assert.True(
            SpinWait.SpinUntil(
                () => File.ReadAllText($"/proc/{Id}/syscall").StartsWith("34 ", StringComparison.Ordinal), TimeSpan.FromSeconds(20)));
    }

    public int Id => _process.Id;

    public void Dispose() => _process.Dispose();
}
