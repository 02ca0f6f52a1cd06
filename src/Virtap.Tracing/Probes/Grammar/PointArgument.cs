namespace Virtap.Tracing.Probes.Grammar;

/// <summary>What a component of a probe point takes in brackets.</summary>
internal enum PointArgument
{
    None,
    Text,
    Number,
}
