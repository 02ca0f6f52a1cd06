using Virtap.Language.Binding.Targets;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>Probe points that SystemTap has and Virtap has not, each with the reason.</summary>
internal static class UnsupportedProbes
{
    private const string UserSpaceOnly = "Virtap traces programs in user space; kernel probes are not its business";

    private const string KernelCode =
        "Virtap traces programs in user space, and of the kernel its trace points: kernel.trace(\"*\") stands for them all";

    // What may follow kernel and is of its code or its data.
    private static readonly string[] s_ofKernel = ["function", "statement", "data", "mark"];

    // By the first component: all that may follow is refused alike.
    private static readonly Dictionary<string, string> s_families = new(StringComparer.Ordinal)
    {
        ["module"] = KernelCode,
        ["kprobe"] = KernelCode,
        ["syscall_any"] = UserSpaceOnly,
        ["netfilter"] = UserSpaceOnly,
        ["netdev"] = UserSpaceOnly,
        ["ioblock"] = UserSpaceOnly,
        ["scheduler"] = UserSpaceOnly,
        ["signal"] = UserSpaceOnly,
        ["vfs"] = UserSpaceOnly,
        ["vm"] = UserSpaceOnly,
        ["tcp"] = UserSpaceOnly,
        ["udp"] = UserSpaceOnly,
        ["socket"] = UserSpaceOnly,
        ["java"] = "Java methods take a Java agent",
        ["python2"] = "Python functions take a module in the interpreter",
        ["python3"] = "Python functions take a module in the interpreter",
        ["debuginfod"] = "nothing is downloaded",
    };

    /// <summary>The refusal of a whole family; null for the others.</summary>
    public static ProbeResolution? Refuse(ProbePoint point)
    {
        string first = point.Components[0].Name;
        if (first == "kernel" && point.Components is [_, var second, ..] && s_ofKernel.Contains(second.Name))
            return Refusals.Never(point.ToString(), KernelCode);
        return s_families.TryGetValue(first, out string? reason) ? Refusals.Never(point.ToString(), reason) : null;
    }

    public static void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.All)
        {
            Add(grammar, process, "single-stepping", "insn", "insn.block");
        }
    }

    private static void Add(ProbeGrammar grammar, string process, string what, params ReadOnlySpan<string> forms)
    {
        foreach (string form in forms)
            grammar.Refuse($"{process}.{form}", Refusals.NotYet(what));
    }
}

/// <summary>Answers for what Virtap cannot do: errors even where the script would do without the probe.</summary>
internal static class Refusals
{
    /// <summary>Something to come.</summary>
    public static ProbeResolution NotYet(string what, string? hint = null) =>
        new([], $"{what} is not supported yet", hint, IsRefusal: true);

    /// <summary>Something that has no place in a tracer of user-space programs, or that needs what Virtap does without.</summary>
    public static ProbeResolution Never(string what, string reason) => new([], $"{what} is not supported: {reason}", null, IsRefusal: true);
}
