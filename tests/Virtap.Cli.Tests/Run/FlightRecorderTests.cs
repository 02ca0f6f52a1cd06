using System.Diagnostics;
using Virtap.Cli.Run;

namespace Virtap.Cli.Tests.Run;

public class FlightRecorderTests
{
    [Fact]
    public void One_of_which_nobody_can_be_told_is_ended()
    {
        using Process recorder = Process.Start("sleep", ["600"]);
        var told = new StringWriter();
        FlightRecorder.Tell(recorder, "found so\n", told);
        Assert.Equal("found so\n", told.ToString());
        Assert.False(recorder.HasExited);

        Assert.Throws<IOException>(() => FlightRecorder.Tell(recorder, "found so\n", new FullWriter()));
        Assert.True(recorder.HasExited);
    }

    /// <summary>Takes text, and can write none.</summary>
    private sealed class FullWriter : StringWriter
    {
        public override void Flush() => throw new IOException("No space left on device");
    }
}
