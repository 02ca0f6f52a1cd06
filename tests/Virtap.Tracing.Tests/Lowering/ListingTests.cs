using Virtap.Tracing.Lowering.Printing;

namespace Virtap.Tracing.Tests.Lowering;

/// <summary>What scripts are lowered to, word for word.</summary>
public class ListingTests
{
    [Fact]
    public void Scratchpad()
    {
        foreach (string f in new[] { "/tmp/a.stp", "/tmp/b.stp", "/tmp/c.stp" }) if (File.Exists(f)) File.WriteAllText(f + ".out", LoweredProgramPrinter.Print(Scripts.Lower(File.ReadAllText(f))));
    }
}
