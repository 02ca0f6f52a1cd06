using System.IO.Pipes;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Virtap.Cli.DebugAdapter;

namespace Virtap.Cli.Tests.DebugAdapter;

/// <summary>Clients that read late, and such as do not read any more.</summary>
public sealed class PatientOutputTests : IDisposable
{
    // More than any pipe holds (fs.pipe-max-size is 1 MiB).
    private static readonly byte[] s_much = [.. Enumerable.Range(0, 4 << 20).Select(static n => (byte)n)];

    private readonly AnonymousPipeServerStream _reader = new(PipeDirection.In);

    // The pipe's own handle belongs to it.
    private SafeFileHandle Writer => new(_reader.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false);

    [Fact]
    public async Task Who_reads_late_gets_everything()
    {
        await using var output = new PatientOutput(Writer) { Patience = TimeSpan.FromMinutes(1) };
        CancellationToken stop = TestContext.Current.CancellationToken;
        Task writing = Task.Run(() => output.Write(s_much), stop);
        byte[] read = new byte[s_much.Length];
        await _reader.ReadExactlyAsync(read, stop);
        await writing;

        Assert.Equal(s_much, read);
    }

    [Fact]
    public void Who_does_not_read_any_more_is_gone_and_nothing_waits_for_him_again()
    {
        using var output = new PatientOutput(Writer) { Patience = TimeSpan.FromMilliseconds(20) };

        Assert.Equal("nobody reads", Assert.Throws<IOException>(() => output.Write(s_much)).Message);
        Assert.Throws<IOException>(() => output.Write([1]));
    }

    [Fact]
    public async Task What_is_being_written_is_given_up_once_the_session_is_to_end()
    {
        await using var output = new PatientOutput(Writer)
        {
            Patience = TimeSpan.FromDays(1), LastPatience = TimeSpan.FromMilliseconds(20),
        };
        Task writing = Task.Run(() => output.Write(s_much), TestContext.Current.CancellationToken);
        output.Hurry();

        await Assert.ThrowsAsync<IOException>(() => writing);
    }

    [Fact]
    public void The_server_hears_that_the_client_is_gone()
    {
        using var output = new PatientOutput(Writer) { Patience = TimeSpan.FromMilliseconds(20) };
        int told = 0;
        var stream = new AdapterStream(Stream.Null, output) { ClientGone = () => told++ };
        var request = new AdapterRequest(1, "evaluate", default(JsonElement));

        stream.Refuse(request, "short");
        Assert.Equal(0, told);
        stream.Refuse(request, new string('x', s_much.Length));
        Assert.Equal(1, told);
    }

    public void Dispose() => _reader.Dispose();
}
