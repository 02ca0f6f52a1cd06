using System.Text;
using Virtap.Binaries.Elf;

namespace Virtap.Binaries.Marks.Recovered;

/// <summary>
/// The variables and functions by which a QEMU with the <c>log</c> trace backend decides about its trace events and writes them
/// (trace/control-internal.h and scripts/tracetool/backend/log.py in QEMU's source); its dynamic symbols name them all, stripped or not.
/// </summary>
internal sealed class QemuTracing
{
    private const string Prefix = "_TRACE_", StateSuffix = "_DSTATE", EventSuffix = "_EVENT";

    /// <summary>Where <c>struct TraceEvent</c> has the pointer to its name: after the number (trace/event-internal.h).</summary>
    private const int EventNameOffset = 8;

    private readonly ElfFile _file;
    private HashSet<ulong>? _states;

    private QemuTracing(ElfFile file, ulong enabledCount, ulong logLevel, ulong withTimestamp, ulong log)
    {
        _file = file;
        EnabledCount = enabledCount;
        LogLevel = logLevel;
        WithTimestamp = withTimestamp;
        Log = log;
        Constants = new HashSet<ulong> { enabledCount, logLevel, logLevel + 1, withTimestamp };
    }

    /// <summary><c>uint32_t trace_events_enabled_count</c>: how many events are switched on.</summary>
    public ulong EnabledCount { get; }

    /// <summary><c>int qemu_loglevel</c>, of which bit 15 is <c>LOG_TRACE</c>.</summary>
    public ulong LogLevel { get; }

    /// <summary><c>bool message_with_timestamp</c>; 0 in a QEMU older than 6.0, whose messages always have one.</summary>
    public ulong WithTimestamp { get; }

    /// <summary><c>void qemu_log(const char *format, ...)</c>.</summary>
    public ulong Log { get; }

    /// <summary>The addresses at which code reads the above, apart from each event's own.</summary>
    public IReadOnlySet<ulong> Constants { get; }

    /// <summary>Finds them; null where a binary has no such tracing.</summary>
    public static QemuTracing? TryFind(ElfFile file)
    {
        ElfSymbolTable symbols = file.DynamicSymbols;
        return symbols.TryFind("trace_events_enabled_count"u8, out ElfSymbol enabledCount) && enabledCount.IsDefined
            && symbols.TryFind("qemu_loglevel"u8, out ElfSymbol logLevel) && logLevel.IsDefined
            && symbols.TryFind("qemu_log"u8, out ElfSymbol log) && log.IsDefined
            ? new QemuTracing(
                file, enabledCount.Address, logLevel.Address,
                symbols.TryFind("message_with_timestamp"u8, out ElfSymbol withTimestamp)
                    && withTimestamp.IsDefined ? withTimestamp.Address : 0, log.Address)
            : null;
    }

    /// <summary>Finds the state of an event: 16 bits, not zero while the event is switched on.</summary>
    /// <param name="name">The event's name, in any case: the symbol has it in capitals.</param>
    /// <param name="address">Link-time address of its state.</param>
    public bool TryFindState(string name, out ulong address)
    {
        bool found = _file.DynamicSymbols.TryFind(Prefix + name.ToUpperInvariant() + StateSuffix, out ElfSymbol symbol) && symbol.IsDefined;
        address = symbol.Address;
        return found;
    }

    /// <summary>Whether an address is that of some event's state.</summary>
    public bool IsState(ulong address)
    {
        if (_states is null)
        {
            _states = [];
            foreach (ElfSymbol symbol in _file.DynamicSymbols)
            {
                if (IsState(symbol))
                    _states.Add(symbol.Address);
            }
        }

        return _states.Contains(address);
    }

    /// <summary>All events with the addresses of their states, in the order of the symbols.</summary>
    public IEnumerable<(string Name, ulong State)> Events()
    {
        Dictionary<string, ulong> named = [];
        List<(string Capitals, ulong State)> states = [];
        foreach (ElfSymbol symbol in _file.DynamicSymbols)
        {
            if (IsState(symbol))
                states.Add((symbol.Name[Prefix.Length..^StateSuffix.Length], symbol.Address));
            else if (symbol.IsDefined && symbol.NameUtf8.StartsWith("_TRACE_"u8) && symbol.NameUtf8.EndsWith("_EVENT"u8))
                named[symbol.Name[Prefix.Length..^EventSuffix.Length]] = symbol.Address;
        }

        foreach ((string capitals, ulong state) in states)
            yield return (NameOf(capitals, named.GetValueOrDefault(capitals)), state);
    }

    private static bool IsState(in ElfSymbol symbol) =>
        symbol.IsDefined && symbol.NameUtf8.StartsWith("_TRACE_"u8) && symbol.NameUtf8.EndsWith("_DSTATE"u8);

    /// <summary>The name as it is written, from the event's description; in small letters where that cannot be read.</summary>
    private string NameOf(string capitals, ulong description)
    {
        if (description != 0 && _file.Relocations.TryFind(description + EventNameOffset, out ElfRelocation pointer)
            && pointer.Kind == ElfRelocationKind.Relative)
        {
            string name = Encoding.UTF8.GetString(_file.StringAt((ulong)pointer.Addend, 256));
            if (string.Equals(name, capitals, StringComparison.OrdinalIgnoreCase))
                return name;
        }

        return capitals.ToLowerInvariant();
    }
}
