using Virtap.Binaries.Elf;
using Virtap.Processes;
using Virtap.Processes.Memory;

namespace Virtap.Virtio.Tests.Support;

/// <summary>A process of whose memory something else is read than what is there.</summary>
/// <param name="process">The process.</param>
/// <param name="label">What is wrong with it.</param>
/// <param name="memory">What is read.</param>
internal abstract class AlteredProcess(LiveProcess process, string label, TargetMemory memory) : TargetProcess
{
    public override int Id => process.Id;

    public override string Label => label;

    public override string Name => process.Name;

    public override TargetMemory Memory => memory;

    public override string ExecutablePath => process.ExecutablePath;

    public override string? ExecutableName => process.ExecutableName;

    public override IReadOnlyList<string> CommandLine => process.CommandLine;

    public override ulong? LoadBias(ElfFile executable) => process.LoadBias(executable);
}
