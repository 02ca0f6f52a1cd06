using System.Globalization;
using Virtap.Binaries.Dwarf;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Machine;

namespace Virtap.Cli.Debug;

/// <summary>Source lines and machine code.</summary>
internal sealed partial class Prompt
{
    private int _listSize = 10;
    private (string File, int First, int Last)? _lastListed;

    private void List(string rest)
    {
        if (rest.Length == 0 || rest == "-")
        {
            if (_lastListed is not var (file, first, last))
            {
                SourceLine line = _session.Listed ?? _session.Find("main") switch
                {
                    [{ Line: { } main }, ..] => main.Source,
                    _ => throw new PromptException("No symbol table is loaded.  Use the \"file\" command."),
                };
                ListAround(line);
            }
            else if (rest == "-")
            {
                if (first <= 1)
                    throw new PromptException("Already at the start of " + Path.GetFileName(file) + ".");
                ListLines(file, Math.Max(first - _listSize, 1), first - 1);
            }
            else
            {
                ListLines(file, last + 1, last + _listSize);
            }

            return;
        }

        int comma = rest.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0)
        {
            ListAround(LineOf(rest));
            return;
        }

        string from = rest[..comma].Trim(), to = rest[(comma + 1)..].Trim();
        if (from.Length > 0)
        {
            SourceLine first = LineOf(from);
            ListLines(first.File, first.Line, to.Length > 0 ? LineOf(to).Line : first.Line + _listSize - 1);
        }
        else
        {
            SourceLine last = LineOf(to);
            ListLines(last.File, Math.Max(last.Line - _listSize + 1, 1), last.Line);
        }
    }

    private void ListAround(SourceLine line)
    {
        int first = Math.Max(line.Line - (_listSize / 2), 1);
        ListLines(line.File, first, first + _listSize - 1);
    }

    private void ListLines(string file, int first, int last)
    {
        int count = _source.Count(file) ?? throw new PromptException($"{file}: No such file or directory.");
        if (first > count)
            throw new PromptException(Figures.Invariant($"Line number {first} out of range; \"{file}\" has {count} lines."));
        foreach (string line in _source.Lines(file, first, last))
            WriteLine(line);
        _lastListed = (file, first, Math.Min(last, count));
    }

    /// <summary>The line that a place means: a number itself, a function's the one that its code begins with.</summary>
    private SourceLine LineOf(string location)
    {
        int colon = location.LastIndexOf(':');
        string number = colon > 0 ? location[(colon + 1)..] : location;
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int line))
        {
            string file = colon > 0 ? Known(location[..colon])
                : _lastListed?.File ?? _session.Listed?.File ?? _session.Find("main")[0].Line?.Source.File ?? "";
            return new SourceLine(file, line);
        }

        CodeLocation found = _session.Find(location, skipsPrologue: false)[0];
        return found.Line?.Source ?? throw new PromptException($"Function \"{location}\" has no line information.");
    }

    private string Known(string file) => _session.Target.Images().Select(image => image.Debug?.FindFile(file))
        .FirstOrDefault(static found => found is not null) ?? throw new PromptException($"No source file named {file}.");

    // As wide as gdb leaves for seven bytes.
    private const int BytesWidth = 19;

    private void Disassemble(string rest)
    {
        bool hasBytes = rest.StartsWith("/r", StringComparison.Ordinal);
        if (rest.StartsWith('/') && !hasBytes)
            throw new PromptException("disassemble /r is there, other modifiers are not: list shows source lines");
        rest = hasBytes ? rest[2..].Trim() : rest;
        int comma = rest.IndexOf(',', StringComparison.Ordinal);
        ulong start = rest.Length == 0 ? _session.Frame?.Address ?? throw new PromptException("No frame selected.")
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
        Disassembler disassembler = NewDisassembler();
        ulong? current = _session.Frame?.Address;
        string? name = comma < 0 ? null : "";
        for (ulong at = start; at < end && !_isStopAsked && disassembler.At(at) is { } instruction; at += (ulong)instruction.Bytes.Length)
        {
            string location = name is null ? Figures.Invariant($"<+{at - start}>") : _session.Target.NameOf(at)?.ToString() ?? "";
            string bytes = !hasBytes ? ""
                : string.Join(' ', instruction.Bytes.ToArray().Select(static b => b.ToString("x2", CultureInfo.InvariantCulture)))
                    .PadRight(BytesWidth) + "\t";
            WriteLine(Figures.Invariant($"{(at == current ? "=>" : "  ")} 0x{at:x16} {location}:\t{bytes}{instruction.Text}"));
        }

        WriteLine("End of assembler dump.");
    }

    private (ulong Start, ulong End, string What) FunctionAround(ulong address)
    {
        CodeLocation location = _session.At(address);
        ulong bias = location.Image?.Bias ?? 0;
        if (location.Function?.Outer is { Ranges: [var range, ..] } function)
            return (range.Start + bias, range.End + bias, $"for function {function.FullName}");
        if (_session.Target.SymbolRange(address) is var (name, start, size) && size > 0)
            return (start, start + size, $"for function {name}");
        throw new PromptException("No function contains specified address.");
    }
}
