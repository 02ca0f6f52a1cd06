using Virtap.Binaries.Elf;
using Virtap.Binaries.Types;
using Virtap.Tracing.Probes;
using Virtap.Virtio;
using Virtap.Virtio.Layouts;

namespace Virtap.Cli.Run;

/// <summary>
/// The structures of a stripped QEMU as types for scripts: <c>@cast($vq, "VirtQueue")->last_avail_idx</c>. Their layouts are recovered
/// when a script first names one of them.
/// </summary>
internal sealed class VirtioTypes : IRecoveredTypes
{
    private readonly Dictionary<ElfFile, Recovered> _programs = [];

    /// <inheritdoc/>
    public CType? FindType(ElfFile program, string name, out string? problem)
    {
        problem = null;
        if (!LayoutTypes.Knows(name))
            return null;
        if (!_programs.TryGetValue(program, out Recovered? recovered))
            _programs[program] = recovered = Recover(program);
        problem = recovered.Problem;
        return recovered.Types?.Find(name);
    }

    private static Recovered Recover(ElfFile program)
    {
        try
        {
            return new Recovered(new LayoutTypes(RecoveredLayouts.Read(program)), null);
        }
        catch (Exception e) when (e is VirtioException or ElfFormatException)
        {
            return new Recovered(null, e.Message);
        }
    }

    private sealed record Recovered(LayoutTypes? Types, string? Problem);
}
