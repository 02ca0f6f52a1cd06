using Virtap.Binaries.Elf;
using Virtap.Processes.Files;
using Virtap.Processes.Programs;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Probes;

namespace Virtap.Tracing.Lowering;

/// <summary>
/// The symbols of the files that are probed, and of those that -d and --ldd name, as a table: made when the first function of the script's
/// asks for it.
/// </summary>
public sealed partial class Lowerer
{
    private (int Offset, int Count)? _symbols;

    private TableWord SymbolWord(LongExpression number)
    {
        (int offset, int count) = _symbols ??= AddSymbols();
        return new TableWord(offset, count, number);
    }

    private (int Offset, int Count) AddSymbols()
    {
        List<ProbedBinary> probed = [.. _handlers.SelectMany(static handler => handler.Targets)
            .Select(static target => (target as CodeTarget)?.Binary ?? (target as WatchpointTarget)?.Program)
            .OfType<ProbedBinary>().Distinct()];
        List<ProbedBinary> others = [];
        foreach (ExecutableFile file in NamedFiles(probed))
        {
            if (!probed.Concat(others).Any(each => each.File.Identity == file.Identity))
                Open(file, others);
        }

        long[] words = SymbolWords.Of([.. probed, .. others], _memory.Literal);
        others.ForEach(static each => each.Dispose());
        return (_memory.AddConstants(words), words.Length);
    }

    private IEnumerable<ExecutableFile> NamedFiles(List<ProbedBinary> probed)
    {
        foreach (string path in _options.SymbolFiles.Where(static path => path.Contains('/', StringComparison.Ordinal)))
        {
            if (FileIdentity.OfRegular(path) is { } identity)
                yield return new ExecutableFile(path, path, identity);
            else
                _diagnostics.Warning($"symbols of {path}: there is no such file", null);
        }

        if (!_options.HasSymbolsOfLibraries)
            yield break;
        foreach (ExecutableFile library in probed.SelectMany(static each => LibrarySearch.NeededBy(each.Elf, each.File)))
            yield return library;
    }

    private void Open(ExecutableFile file, List<ProbedBinary> opened)
    {
        try
        {
            opened.Add(ProbedBinary.Open(file));
        }
        catch (Exception e) when (e is ElfFormatException or IOException or UnauthorizedAccessException)
        {
            _diagnostics.Warning($"symbols of {file.Path}: {e.Message}", null);
        }
    }
}
