namespace Virtap.Tracing.Probes.Families;

/// <summary>The ways in which a probe point names a process.</summary>
internal static class ProcessForms
{
    public static ReadOnlySpan<string> All => s_all;

    private static readonly string[] s_all = ["process(string)", "process(number)", "process"];
}
