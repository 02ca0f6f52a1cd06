using Virtap.Binaries.Elf;
using Virtap.Interop;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Control;
using Virtap.Processes.Files;
using Virtap.Processes.Memory;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Links;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Backends.Ptrace;

/// <summary>A process that is traced: where in it probes are, and which calls it has under way whose returns are waited for.</summary>
internal sealed class ProbedProcess
{
    /// <summary>What the dynamic linker calls when it has loaded or unloaded something, for debuggers (link.h, r_brk).</summary>
    private const string LinkerHook = "_dl_debug_state";

    private readonly Dictionary<ulong, List<ProbeBinding<CodeTarget>>> _places = [];
    private readonly Dictionary<(ulong Return, ulong Stack), List<PendingReturn>> _returns;
    private readonly HashSet<ulong> _returnPlaces;
    private ulong? _linker;

    /// <summary>Takes a process; nothing is in it yet.</summary>
    /// <param name="inferior">The process.</param>
    /// <param name="isOfTarget">Whether it is the session's target, or descends from it.</param>
    public ProbedProcess(Inferior inferior, bool isOfTarget)
    {
        (Inferior, IsOfTarget) = (inferior, isOfTarget);
        (_returns, _returnPlaces) = ([], []);
        Executable = inferior.Process.Executable;
    }

    private ProbedProcess(Inferior child, ProbedProcess parent)
    {
        (Inferior, IsOfTarget, Executable) = (child, parent.IsOfTarget, parent.Executable);
        _places = new(parent._places);
        _returns = parent._returns.ToDictionary(static each => each.Key, static each => each.Value.ToList());
        _returnPlaces = [.. parent._returnPlaces];
        _linker = parent._linker;
    }

    /// <summary>The process.</summary>
    public Inferior Inferior { get; }

    /// <summary>Whether it is the session's target, or descends from it.</summary>
    public bool IsOfTarget { get; }

    /// <summary>What it runs.</summary>
    public FileIdentity? Executable { get; private set; }

    /// <summary>Its threads that are about to end.</summary>
    public HashSet<int> Ending { get; } = [];

    /// <summary>A child that it has just made: it has the same breakpoints.</summary>
    public ProbedProcess Fork(Inferior child) => new(child, this);

    /// <summary>It runs another program, in which there is nothing of ours.</summary>
    public void Renew()
    {
        _places.Clear();
        _returns.Clear();
        _returnPlaces.Clear();
        _linker = null;
        Executable = Inferior.Process.Executable;
    }

    /// <summary>Puts breakpoints where probes are in what it has mapped by now.</summary>
    /// <param name="probes">The probes.</param>
    /// <returns>Those that could not be put in place.</returns>
    public List<AttachFailure> Place(IReadOnlyList<ProbeBinding<CodeTarget>> probes)
    {
        List<AttachFailure> refused = [];
        List<ProbeBinding<CodeTarget>> mine = [.. probes.Where(each => Concerns(each.Target))];
        if (mine.Count == 0)
            return refused;
        Mappings mappings;
        try
        {
            mappings = Inferior.Process.ReadMappings();
        }
        catch (ProcessException)
        {
            // It has ended.
            return refused;
        }

        foreach (IGrouping<ProbedBinary, ProbeBinding<CodeTarget>> ofFile in mine.GroupBy(static each => each.Target.Binary))
        {
            List<Mapping> parts = [.. mappings.Where(each => Inferior.Process.IsOf(each, ofFile.Key.File.Identity))];
            foreach (ProbeBinding<CodeTarget> probe in ofFile)
            {
                if (AddressOf(parts, probe.Target.FileOffset, MappingProtection.Execute) is not ulong address)
                    continue;
                ulong? counter = probe.Target.SemaphoreFileOffset is > 0 and var offset
                    ? AddressOf(parts, offset, MappingProtection.Write) : null;
                if (!Add(address, probe) || (counter is ulong raised && !Inferior.Raise(raised)))
                    refused.Add(Refusal(probe.Target, address));
            }
        }

        if (_linker is null && mine.Exists(each => each.Target.Binary.File.Identity != Executable))
            _linker = FindLinker(mappings) is ulong hook && Inferior.Insert(hook) ? hook : null;
        return refused;
    }

    /// <summary>Whether something was loaded or unloaded where a thread has stopped.</summary>
    public bool IsLinkerAt(ulong address) => _linker == address;

    /// <summary>The probes at an address, in the script's order.</summary>
    public IReadOnlyList<ProbeBinding<CodeTarget>> At(ulong address) =>
        _places.TryGetValue(address, out List<ProbeBinding<CodeTarget>>? probes) ? probes : [];

    /// <summary>Waits for the return of a call that has just begun.</summary>
    /// <returns>That it cannot be seen; null where it can, or has been told of.</returns>
    public AttachFailure? Await(ProbeBinding<CodeTarget> probe, ulong function, ulong returnAddress, ulong stackAfterReturn)
    {
        // What the same place of the stack was waited for before, and returns elsewhere, never will: longjmp(3), an exception.
        foreach ((ulong Return, ulong Stack) gone in _returns.Keys
            .Where(each => each.Stack == stackAfterReturn && each.Return != returnAddress).ToList())
            _returns.Remove(gone);
        AttachFailure? refusal = _returnPlaces.Add(returnAddress) && !Inferior.Insert(returnAddress)
            ? Refusal(probe.Target, returnAddress) : null;
        if (!_returns.TryGetValue((returnAddress, stackAfterReturn), out List<PendingReturn>? calls))
            _returns.Add((returnAddress, stackAfterReturn), calls = []);
        calls.Add(new PendingReturn(probe, function));
        return refusal;
    }

    /// <summary>The calls that have returned to where a thread has stopped, the innermost first.</summary>
    public IReadOnlyList<PendingReturn> TakeReturns(ulong address, ulong stack)
    {
        if (!_returnPlaces.Contains(address) || !_returns.Remove((address, stack), out List<PendingReturn>? calls))
            return [];
        calls.Reverse();
        return calls;
    }

    private static ulong? AddressOf(List<Mapping> parts, ulong fileOffset, MappingProtection protection)
    {
        foreach (Mapping part in parts)
        {
            if ((part.Protection & protection) != 0 && fileOffset >= part.Offset && fileOffset - part.Offset < part.Length)
                return part.Start + (fileOffset - part.Offset);
        }

        return null;
    }

    private AttachFailure Refusal(CodeTarget target, ulong address) => Inferior.IsTaken(address)
        ? new AttachFailure(target, "another tracer's probe is there, which takes every hit", Errno.Busy)
        : new AttachFailure(target, "there is no memory that could be written to", Errno.Invalid);

    private bool Concerns(CodeTarget target) => (target.Process is not int id || id == Inferior.Process.Id)
        && (target.Owner is not { } owner || owner.Identity == Executable);

    private bool Add(ulong address, ProbeBinding<CodeTarget> probe)
    {
        if (!_places.TryGetValue(address, out List<ProbeBinding<CodeTarget>>? probes))
        {
            if (!Inferior.Insert(address))
                return false;
            _places.Add(address, probes = []);
        }

        if (!probes.Contains(probe))
            probes.Add(probe);
        return true;
    }

    private ulong? FindLinker(Mappings mappings)
    {
        foreach (Mapping mapping in mappings)
        {
            if ((mapping.Protection & MappingProtection.Execute) == 0
                || !Path.GetFileName(mapping.Path).StartsWith("ld-", StringComparison.Ordinal))
                continue;
            try
            {
                using ElfFile linker = ElfFile.Open(Inferior.Process.RootPath + mapping.Path);
                if (linker.DynamicSymbols.TryFind(LinkerHook, out ElfSymbol hook) && linker.TryFileOffset(hook.Address, out ulong offset)
                    && offset >= mapping.Offset && offset - mapping.Offset < mapping.Length)
                    return mapping.Start + (offset - mapping.Offset);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ElfFormatException)
            {
                // One that cannot be read tells of nothing.
            }
        }

        return null;
    }
}

/// <summary>A call whose return is waited for.</summary>
/// <param name="Probe">The probe of the return.</param>
/// <param name="Function">Where the function is loaded.</param>
internal readonly record struct PendingReturn(ProbeBinding<CodeTarget> Probe, ulong Function);
