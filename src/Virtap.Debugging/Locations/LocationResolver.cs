using System.Globalization;
using Virtap.Binaries.Code.X64;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Targets;
using Virtap.Names;

namespace Virtap.Debugging.Locations;

/// <summary>
/// Places as people name them: <c>FUNCTION</c>, <c>FILE:LINE</c>, <c>LINE</c>, <c>FILE:FUNCTION</c>, <c>+N</c>, <c>*ADDRESS</c>.
/// </summary>
/// <param name="target">The target.</param>
/// <param name="evaluate">Computes an address; what is wrong with it, it says itself.</param>
public sealed class LocationResolver(DebugTarget target, Func<string, ulong> evaluate)
{
    /// <summary>Finds the places that a text means, in the order of their addresses.</summary>
    /// <param name="text">The text; empty for where the frame is.</param>
    /// <param name="frame">The frame that is looked at; null for none.</param>
    /// <param name="current">The file and the line that were last listed; null for none.</param>
    /// <param name="skipsPrologue">Whether a function, and the line that it begins at, mean the place behind its prologue.</param>
    /// <exception cref="LocationException">There is none.</exception>
    public IReadOnlyList<CodeLocation> Find(string text, DebugFrame? frame, SourceLine? current, bool skipsPrologue = true)
    {
        text = text.Trim();
        if (text.Length == 0)
            return [At(frame?.Address ?? throw new LocationException("No default breakpoint location."))];
        if (text.StartsWith('*'))
            return [At(evaluate(text[1..]))];
        int colon = text.LastIndexOf(':');
        bool isFile = colon > 0 && text[colon - 1] != ':';
        string rest = isFile ? text[(colon + 1)..] : text;
        if (int.TryParse(rest.TrimStart('+', '-'), NumberStyles.None, CultureInfo.InvariantCulture, out int line))
        {
            string file = isFile ? text[..colon]
                : frame?.Source?.File ?? current?.File
                    ?? throw new LocationException("No symbol table is loaded.  Use the \"file\" command.");
            int from = frame?.Source?.Line ?? current?.Line ?? 0;
            return FindLine(file, rest[0] switch { '+' => from + line, '-' => from - line, _ => line }, skipsPrologue);
        }

        return FindFunction(rest, isFile ? text[..colon] : null, skipsPrologue);
    }

    /// <summary>The place at a run-time address.</summary>
    public CodeLocation At(ulong address)
    {
        LoadedImage? image = target.ImageAt(address);
        ulong linked = address - (image?.Bias ?? 0);
        DebugFunction? function = image?.Debug?.FunctionsAt(linked) is [var found, ..] ? found : null;
        return new CodeLocation(address, image, function, image?.Debug?.LineSpanAt(linked));
    }

    private List<CodeLocation> FindLine(string file, int line, bool skipsPrologue)
    {
        bool isKnown = false;
        foreach (LoadedImage image in target.Images())
        {
            if (image.Debug is not { } debug || debug.FindFile(file) is null)
                continue;
            isKnown = true;
            List<CodeLocation> found = [];
            foreach (LineSpan span in debug.FindLine(file, line))
            {
                // The line of a function's beginning means the place behind its prologue.
                DebugFunction? function = debug.FunctionsAt(span.Start) is [var inner, ..] ? inner : null;
                ulong address = skipsPrologue && function is { IsInlined: false } && function.EntryAddress == span.Start
                    ? function.BreakAddress ?? span.Start : span.Start;
                found.Add(new CodeLocation(address + image.Bias, image, function, debug.LineSpanAt(address)));
            }

            if (found.Count > 0)
                return found;
        }

        throw new LocationException(
            isKnown ? string.Create(CultureInfo.InvariantCulture, $"No line {line} in file \"{file}\".") : $"No source file named {file}.");
    }

    private List<CodeLocation> FindFunction(string name, string? file, bool skipsPrologue)
    {
        List<CodeLocation> found = [];
        foreach (LoadedImage image in target.Images())
        {
            if (image.Debug is not { } debug)
                continue;
            foreach (DebugFunction function in debug.FindFunctions(new Glob(name)))
            {
                if (name.Contains("::", StringComparison.Ordinal) && function.FullName != name)
                    continue;
                if (file is not null && !SourcePath.IsMatch(function.Unit, file) && !SourcePath.IsMatch(function.Path, file))
                    continue;
                foreach (DebugFunction each in debug.InstancesOf(function).Prepend(function))
                {
                    if (BreakAddressOf(each, skipsPrologue) is ulong address)
                        found.Add(new CodeLocation(address + image.Bias, image, each, debug.LineSpanAt(address)));
                }
            }
        }

        if (found.Count == 0 && file is null)
            AddSymbols(name, found, skipsPrologue);
        if (found.Count == 0)
            throw new LocationException(
                file is null ? $"Function \"{name}\" not defined." : $"Function \"{name}\" not defined in \"{file}\".", Hint(name));
        return [.. found.DistinctBy(static location => location.Address).OrderBy(static location => location.Address)];
    }

    /// <summary>Where a function is stopped at. One that is inlined is entered where its code begins, as far as there is any.</summary>
    private static ulong? BreakAddressOf(DebugFunction function, bool skipsPrologue) => function switch
    {
        { IsInlined: true } => function.Ranges.Where(static range => range.End > range.Start).Select(static range => (ulong?)range.Start)
            .FirstOrDefault(),
        _ => skipsPrologue ? function.BreakAddress : function.EntryAddress,
    };

    private void AddSymbols(string name, List<CodeLocation> found, bool skipsPrologue)
    {
        foreach (LoadedImage image in target.Images())
        {
            if (image.FindSymbol(name) is not { Kind: ElfSymbolKind.Function } symbol)
                continue;
            ulong address = symbol.Address + image.Bias;
            found.Add(At(skipsPrologue ? BehindPrologue(address) : address));
        }
    }

    private ulong BehindPrologue(ulong address)
    {
        Span<byte> code = stackalloc byte[X64Prologue.MaxBytes];
        return target.Memory.TryRead(address, code) ? address + (ulong)X64Prologue.FrameBytes(code) : address;
    }

    private string? Hint(string name) => target.Program.Debug is { } debug
        && NameSuggestion.Nearest(name, [.. debug.FunctionNames().Distinct()]) is { } near ? $"did you mean {near}?" : null;
}
