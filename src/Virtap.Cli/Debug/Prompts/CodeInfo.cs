using Virtap.Cli.Rendering;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Locations;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Targets;
using Virtap.Language;
using static Virtap.Cli.Debug.Prompts.PromptOutput;

namespace Virtap.Cli.Debug.Prompts;

/// <summary>What is known of the code: its lines, symbols, files and libraries.</summary>
internal sealed class CodeInfo(DebugSession session, FrameView view, MemoryView memory)
{
    /// <summary><c>info line</c>, behind which <c>x</c> goes on.</summary>
    public void ShowLine(string subject)
    {
        // Of a frame its line is meant, which may have begun long before the frame's address.
        string place = subject.Length > 0 || session.Frame is not { Source: { } at } ? subject : Figures.Invariant($"{at.File}:{at.Line}");
        CodeLocation location = place.Length == 0 && session.Frame is { } frame ? session.At(frame.Address)
            : session.Find(place, skipsPrologue: false)[0];
        if (location is not { Line: { } line, Image: { } image })
        {
            string address = Figures.Invariant($"0x{location.Address:x} {memory.SymbolAt(location.Address)}").TrimEnd();
            WriteLine($"No line number information available for address {address}");
            return;
        }

        ulong start = line.Start + image.Bias, end = line.End + image.Bias;
        string from = Figures.Invariant($"0x{start:x} {memory.SymbolAt(start)}");
        string to = Figures.Invariant($"0x{end:x} {memory.SymbolAt(end)}");
        string name = PrintableText.OfLine(line.Name);
        WriteLine(Figures.Invariant($"Line {line.Source.Line} of \"{name}\" starts at address {from} and ends at {to}."));
        memory.Next = start;
    }

    /// <summary><c>info symbol</c>.</summary>
    public void ShowSymbol(string expression)
    {
        ulong address = memory.AddressOf(expression);
        LoadedImage? image = session.Target.ImageAt(address);
        if (image is null || session.Target.NameOf(address) is not { } name)
        {
            WriteLine(Figures.Invariant($"No symbol matches {expression}."));
            return;
        }

        string where = image.SectionOf(address) is { } section ? $" in section {section}" : "";
        string file = image == session.Target.Program && session.Target.Images().Count == 1 ? ""
            : $" of {PrintableText.OfLine(image.Name)}";
        WriteLine(Figures.Invariant($"{name.Symbol}{(name.Offset > 0 ? $" + {name.Offset}" : "")}{where}{file}"));
    }

    /// <summary><c>info sharedlibrary</c>.</summary>
    public void ShowLibraries()
    {
        IReadOnlyList<LoadedImage> libraries = [.. session.Target.Images().Skip(1).Where(static image => image.TextRange() is not null)];
        if (libraries.Count == 0)
        {
            WriteLine("No shared libraries loaded at this time.");
            return;
        }

        WriteLine("From                To                  Syms Read   Shared Object Library");
        bool isMissing = false;
        foreach (LoadedImage library in libraries)
        {
            (ulong start, ulong end) = library.TextRange()!.Value;
            bool hasDebug = library.Debug is not null;
            isMissing |= !hasDebug;
            string file = PrintableText.OfLine(library.Name);
            WriteLine(Figures.Invariant($"0x{start:x16}  0x{end:x16}  {(hasDebug ? "Yes         " : "Yes (*)     ")}{file}"));
        }

        if (isMissing)
            WriteLine("(*): Shared library is missing debugging information.");
    }

    /// <summary><c>info source</c>.</summary>
    public void ShowSource()
    {
        ulong? address = session.Frame?.Address;
        LoadedImage? image = address is ulong at ? session.Target.ImageAt(at) : null;
        if (image?.Debug?.SourceUnitAt(address!.Value - image.Bias) is not { } unit || session.Frame is not { Source: { } source } frame)
        {
            WriteLine("No current source file.");
            return;
        }

        WriteLine($"Current source file is {frame.SourceName}");
        WriteLine($"Compilation directory is {unit.Directory}");
        if (view.Source.Count(source.File) is int count)
            WriteLine(Figures.Invariant($"Located in {Path.GetFullPath(source.File)}\nContains {count} line{(count == 1 ? "" : "s")}."));
        WriteLine($"Source language is {(frame.Function?.IsCPlusPlus == true ? "c++" : "c")}.");
        WriteLine($"Producer is {unit.Producer}.");
        WriteLine(Figures.Invariant($"Compiled with DWARF {unit.Version} debugging format.\nDoes not include preprocessor macro info."));
    }
}
