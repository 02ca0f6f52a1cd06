using Virtap.Language.Binding.Targets;

namespace Virtap.Tracing.Probes.Families;

/// <summary>Answers for what Virtap cannot do: errors even where the script would do without the probe.</summary>
internal static class Refusals
{
    /// <summary>Something to come.</summary>
    public static ProbeResolution NotYet(string what, string? hint = null) =>
        new([], $"{what} is not supported yet", hint, IsRefusal: true);

    /// <summary>Something that has no place in a tracer of user-space programs, or that needs what Virtap does without.</summary>
    public static ProbeResolution Never(string what, string reason) => new([], $"{what} is not supported: {reason}", null, IsRefusal: true);
}
