using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;
using Virtap.Binaries.Dwarf.Locations;

namespace Virtap.Binaries.Dwarf;

/// <summary>A call in a function's code, as far as the compiler describes it (DWARF 5, 3.4; GNU's before it was there).</summary>
public sealed class DebugCall
{
    private readonly DebugInfo _info;
    private readonly DwarfEntry _entry, _container;

    internal DebugCall(DebugInfo info, DwarfEntry entry, DwarfEntry container, ulong returnAddress)
    {
        (_info, _entry, _container, ReturnAddress) = (info, entry, container, returnAddress);
    }

    /// <summary>Link-time address behind the call.</summary>
    public ulong ReturnAddress { get; }

    /// <summary>Whether it is a jump: the function that is called returns to this one's caller.</summary>
    public bool IsTail => _entry.Has(DwarfAttribute.CallTailCall) || _entry.Has(DwarfAttribute.GnuTailCall);

    /// <summary>The symbol of the function that it calls by name; null where it calls by a pointer.</summary>
    public string? CalleeName => Callee is not { } callee ? null
        : callee.FindInherited(DwarfAttribute.LinkageName)?.Text ?? System.Text.Encoding.UTF8.GetString(NameIndex.NameOf(callee));

    /// <summary>Link-time address of the function of this file that it calls by name; null for another file's, and by a pointer.</summary>
    public ulong? CalleeAddress => Callee is { } callee && RangeLists.EntryOf(callee) is > 0 and ulong address ? address : null;

    /// <summary>Where the address of the function is that it calls by a pointer; null where nobody says.</summary>
    /// <param name="values">What is known of the caller's frame.</param>
    public DebugLocation? Target(IFrameValues? values) =>
        (_entry.Find(DwarfAttribute.CallTarget) ?? _entry.Find(DwarfAttribute.GnuCallSiteTarget)) is { IsBlock: true } target
            ? Reader(values).ValueOf(target) : null;

    /// <summary>What is in a register at the call, by means of the caller's frame; null where nobody says.</summary>
    /// <param name="register">The register's number in DWARF.</param>
    /// <param name="values">What is known of the caller's frame.</param>
    public DebugLocation? ValueOf(int register, IFrameValues? values)
    {
        foreach (DwarfEntry parameter in _entry.Children)
        {
            if (parameter.Tag is not (DwarfTag.CallSiteParameter or DwarfTag.GnuCallSiteParameter)
                || parameter.Find(DwarfAttribute.Location) is not { IsBlock: true } where
                || Reader(null).ValueOf(where) is not ValueLocation { Value: RegisterValue held } || held.Register.DwarfNumber != register)
                continue;
            return (parameter.Find(DwarfAttribute.CallValue) ?? parameter.Find(DwarfAttribute.GnuCallSiteValue)) is { IsBlock: true } value
                ? Reader(values).ValueOf(value) : null;
        }

        return null;
    }

    private DwarfEntry? Callee =>
        (_entry.Find(DwarfAttribute.CallOrigin) ?? _entry.Find(DwarfAttribute.AbstractOrigin))?.Entry is { } callee
            ? _info.CodeOf(callee) : null;

    private LocationReader Reader(IFrameValues? values) =>
        new(_info.Architecture, _info.Frames, _container, ReturnAddress - 1, values);
}

/// <summary>Calls, which tell a function what its parameters were.</summary>
public sealed partial class DebugInfo
{
    private readonly Dictionary<(DwarfSection Section, int Offset), List<DebugCall>> _calls = [];

    /// <summary>The call that returns to an address; null where nobody describes it.</summary>
    /// <param name="returnAddress">Link-time address behind the call.</param>
    public DebugCall? CallBefore(ulong returnAddress) => FunctionsAt(returnAddress - 1) is [.., var function]
        ? CallsIn(function).FirstOrDefault(call => call.ReturnAddress == returnAddress) : null;

    /// <summary>The calls in a function's code that are described.</summary>
    public IReadOnlyList<DebugCall> CallsIn(DebugFunction function)
    {
        DwarfEntry container = function.Container;
        var key = (container.Unit.Section, container.Offset);
        if (!_calls.TryGetValue(key, out List<DebugCall>? calls))
        {
            calls = [];
            Collect(container, 0);
            _calls[key] = calls;
        }

        return calls;

        void Collect(DwarfEntry parent, int depth)
        {
            foreach (DwarfEntry child in parent.Children)
            {
                if (child.Tag is DwarfTag.CallSite or DwarfTag.GnuCallSite)
                {
                    // GNU's entries of DWARF 4 have the address as that of their code.
                    if ((child.Find(DwarfAttribute.CallReturnPc) ?? child.Find(DwarfAttribute.LowPc))?.Address is > 0 and ulong address)
                        calls.Add(new DebugCall(this, child, container, address));
                }
                else if (child.Tag is DwarfTag.LexicalBlock or DwarfTag.InlinedSubroutine && depth < MaxNested)
                {
                    Collect(child, depth + 1);
                }
            }
        }
    }

    /// <summary>The entry that has the code of a function that another entry declares, or is the abstract instance of.</summary>
    internal DwarfEntry CodeOf(DwarfEntry function)
    {
        if (RangeLists.EntryOf(function) is > 0)
            return function;
        foreach ((DwarfEntry entry, NamedKind kind) in _names.Value.Find(System.Text.Encoding.UTF8.GetString(NameIndex.NameOf(function))))
        {
            bool isMeant = entry.Root == function || (function.FindInherited(DwarfAttribute.External) is { IsTrue: true }
                && entry.FindInherited(DwarfAttribute.External) is { IsTrue: true });
            if (kind == NamedKind.Function && isMeant && RangeLists.EntryOf(entry) is > 0)
                return entry;
        }

        return function;
    }
}
