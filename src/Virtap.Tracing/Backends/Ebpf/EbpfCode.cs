using Virtap.Bpf.Specs;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Runtime;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>The programs of the handlers that run in targets, and the maps that they share.</summary>
public sealed class EbpfCode : HandlerCode
{
    private readonly EbpfOptions _options;

    internal EbpfCode(
        LoweredProgram program, IReadOnlyList<LoweredHandler> handlers, IReadOnlyList<ProgramSpec> programs, EbpfOptions options)
        : base(program, handlers)
    {
        _options = options;
        Programs = programs;
        IReadOnlyList<MapSpec> maps = ProgramEmitter.Maps(program.Layout, options.OutputBytes);
        IEnumerable<MapSpec> tree = TargetTree.IsAsked(handlers, options) ? [TargetTree.Table] : [];
        Maps = [.. maps, .. tree, .. CounterPrograms.MapsOf(program.Counters)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ProgramSpec> Programs { get; }

    /// <summary>
    /// The session's memory, then the ring that output is sent through; then, where they are asked for, the table of the target's
    /// processes and the counters' maps.
    /// </summary>
    public IReadOnlyList<MapSpec> Maps { get; }

    /// <inheritdoc/>
    public override MapSpec SharedMemory => Maps[0];

    internal override LoadedHandlers Load(SessionMemory memory, IRecordSink records, bool isTimed) =>
        new EbpfHandlers(this, _options, memory, records, isTimed);
}
