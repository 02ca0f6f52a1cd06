namespace Virtap.Tracing.Probes.Families;

/// <summary>A file to probe, and the process that its probes are confined to (0: every process that runs it).</summary>
internal readonly record struct TargetProgram(ProbedBinary Binary, int Process);
