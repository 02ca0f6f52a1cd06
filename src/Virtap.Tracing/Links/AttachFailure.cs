using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Links;

/// <summary>A place that could not be probed.</summary>
/// <param name="Target">The place.</param>
/// <param name="Reason">Why, in the kernel's words.</param>
/// <param name="Error">The errno.</param>
public sealed record AttachFailure(CodeTarget Target, string Reason, int Error)
{
    /// <summary>
    /// In SystemTap's form, with the place: <c>probe process("x").mark("m") registration error (rc -22) at 0x1149 of x: ...</c>.
    /// </summary>
    public override string ToString() =>
        $"probe {Target.Point} registration error [man warning::pass5] (rc {-Error}), at 0x{Target.Address:x} of {Target.Binary.Path}: "
            + $"{Reason}";
}
