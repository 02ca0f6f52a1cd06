using System.Globalization;
using Virtap.Binaries;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Machine;
using Virtap.Debugging.Sessions;
using static Virtap.Cli.Debug.Prompts.CommandArguments;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>Memory and the instructions in it: <c>x</c> and <c>disassemble</c>.</summary>
internal sealed class MemoryView(DebugSession session, Interruption interruption)
{
    // As wide as gdb leaves for seven bytes.
    private const int BytesWidth = 19;

    private DumpFormat _format = new(1, 'x', 4);

    /// <summary>Where <c>x</c> without an address goes on.</summary>
    public ulong Next { get; set; }

    /// <summary>Reads how memory is to be shown.</summary>
    /// <param name="format">The letters behind the slash.</param>
    /// <param name="before">What holds for those that are left out.</param>
    /// <exception cref="PromptException">They mean nothing.</exception>
    public static DumpFormat Read(string format, DumpFormat before) =>
        DumpFormat.Read(format, before) ?? throw new PromptException($"Undefined output format \"{format}\".");

    /// <summary>The address that an expression means: its value, or where an array or a function is.</summary>
    public ulong AddressOf(string expression) => session.Expressions.Evaluate(expression).ToAddress();

    /// <summary>The symbol that an address lies in, and how far behind its beginning; empty for none.</summary>
    public string SymbolAt(ulong address) => session.Target.NameOf(address) is { } name
        ? Figures.Invariant($"<{name.Symbol}{(name.Offset > 0 ? $"+{name.Offset}" : "")}>") : "";

    /// <summary><c>x</c>.</summary>
    public void Examine(string rest)
    {
        (string format, string expression) = SplitFormat(rest);
        _format = format.Length > 0 ? Read(format, _format) : _format with { Count = 1 };
        Next = Dump(expression.Length > 0 ? AddressOf(expression) : Next, _format);
    }

    /// <summary>Shows memory.</summary>
    /// <returns>Where what was shown ends.</returns>
    public ulong Dump(ulong address, DumpFormat format)
    {
        var dump = new MemoryDump(session.Target.Memory, session.Expressions.Scope, NewDisassembler(), session.Options);
        foreach (string line in dump.Lines(address, format, session.Frame?.Address).TakeWhile(_ => !interruption.IsStopAsked))
            WriteLine(line);
        return dump.End;
    }

    /// <summary><c>disassemble</c>.</summary>
    public void Disassemble(string rest)
    {
        bool hasBytes = rest.StartsWith("/r", StringComparison.Ordinal);
        if (rest.StartsWith('/') && !hasBytes)
            throw new PromptException("disassemble /r is there, other modifiers are not: list shows source lines");
        rest = hasBytes ? rest[2..].Trim() : rest;
        int comma = rest.IndexOf(',', StringComparison.Ordinal);
        ulong start = rest.Length == 0 ? session.Frame?.Address ?? throw new PromptException("No frame selected.")
            : AddressOf(comma < 0 ? rest : rest[..comma]);
        string what;
        ulong end;
        if (comma >= 0)
        {
            string last = rest[(comma + 1)..].Trim();
            end = last.StartsWith('+') ? start + AddressOf(last[1..]) : AddressOf(last);
            what = Figures.Invariant($"from 0x{start:x} to 0x{end:x}");
        }
        else
        {
            (start, end, what) = FunctionAround(start);
        }

        WriteLine($"Dump of assembler code {what}:");
        WriteInstructions(start, end, isOneFunction: comma < 0, hasBytes);
        WriteLine("End of assembler dump.");
    }

    private void WriteInstructions(ulong start, ulong end, bool isOneFunction, bool hasBytes)
    {
        Disassembler disassembler = NewDisassembler();
        ulong? current = session.Frame?.Address;
        for (ulong at = start; at < end && !interruption.IsStopAsked && disassembler.At(at) is { } instruction;
            at += (ulong)instruction.Bytes.Length)
        {
            string location = isOneFunction ? Figures.Invariant($"<+{at - start}>") : session.Target.NameOf(at)?.ToString() ?? "";
            string bytes = !hasBytes ? ""
                : string.Join(' ', instruction.Bytes.ToArray().Select(static b => b.ToString("x2", CultureInfo.InvariantCulture)))
                    .PadRight(BytesWidth) + "\t";
            WriteLine(Figures.Invariant($"{(at == current ? "=>" : "  ")} 0x{at:x16} {location}:\t{bytes}{instruction.Text}"));
        }
    }

    private (ulong Start, ulong End, string What) FunctionAround(ulong address)
    {
        CodeLocation location = session.At(address);
        ulong bias = location.Image?.Bias ?? 0;
        if (location.Function?.Outer is { Ranges: [var range, ..] } function)
            return (range.Start + bias, range.End + bias, $"for function {function.FullName}");
        if (session.Target.SymbolRange(address) is var (name, start, size) && size > 0)
            return (start, start + size, $"for function {name}");
        throw new PromptException("No function contains specified address.");
    }

    private Disassembler NewDisassembler() => new(
        HostArchitecture.Current, session.Target.Memory, address => session.Target.NameOf(address) is { } name ? name.ToString() : null);
}
