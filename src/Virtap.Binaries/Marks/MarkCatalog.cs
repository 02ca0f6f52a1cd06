using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks.TraceEvents;
using Virtap.Binaries.Names;

namespace Virtap.Binaries.Marks;

/// <summary>
/// The marks of a file, wherever they come from. Marks of QEMU get the names and types of their arguments from the declarations of its trace events,
/// which the notes do not have. One mark of thousands is found without reading the others.
/// </summary>
public sealed class MarkCatalog
{
    private const string QemuProvider = "qemu";

    private readonly ElfFile _file;
    private readonly Lazy<TraceEventTable?> _declarations;

    /// <summary>Opens the catalog of a file, which stays the caller's.</summary>
    /// <param name="file">The file.</param>
    /// <param name="declarations">The declarations of the trace events of this QEMU; null for those installed on this host.</param>
    public MarkCatalog(ElfFile file, TraceEventTable? declarations = null)
    {
        _file = file;
        _declarations = new Lazy<TraceEventTable?>(() => declarations ?? TraceEventTable.TryOpenOfHost());
    }

    /// <summary>Finds marks.</summary>
    /// <returns>In order of provider and name.</returns>
    /// <exception cref="ElfFormatException">The file is damaged.</exception>
    public IReadOnlyList<Mark> Find(MarkPattern pattern) => [.. SdtNotes.Read(_file, pattern).Select(Named)];

    /// <summary>The names of all marks, without reading them, in order and each once.</summary>
    /// <exception cref="ElfFormatException">The file is damaged.</exception>
    public IReadOnlyList<string> Names() => [.. SdtNotes.Names(_file).Order(StringComparer.Ordinal)];

    /// <summary>Says, for people, why a pattern matches no mark, and what may have been meant.</summary>
    /// <param name="pattern">A pattern for which <see cref="Find"/> gives nothing.</param>
    /// <exception cref="ElfFormatException">The file is damaged.</exception>
    public string Explain(MarkPattern pattern)
    {
        IReadOnlyList<string> names = Names();
        if (names.Count == 0)
            return $"{_file} has no marks";
        if (pattern.Provider is not null && Find(new MarkPattern(pattern.Name)) is [Mark other, ..])
            return $"{other.Name} is a mark of provider {other.Provider}";
        if (pattern.LiteralName is string name && MarkSuccessor.Of(name).FirstOrDefault(successor => names.Contains(successor.Name)) is MarkSuccessor found)
            return $"this QEMU has no {name}; use {found.Name}: {found.Reason}";
        IReadOnlyList<string> nearest = NearestNames.Of(pattern.Name, names);
        return nearest.Count == 0 ? $"none of the {names.Count} marks of {_file} has a similar name" : $"similar marks: {string.Join(", ", nearest)}";
    }

    /// <summary>Names the arguments of QEMU's marks. A site with another number of arguments than the declaration is another version's, and keeps numbers alone.</summary>
    private Mark Named(Mark mark)
    {
        if (mark.Provider != QemuProvider || mark.Sites.All(site => site.Arguments.Count == 0))
            return mark;
        TraceEvent? installed = null;
        _declarations.Value?.TryFind(mark.Name, out installed);
        TraceEventTable.BuiltIn.TryFind(mark.Name, out TraceEvent? builtIn);
        return mark with { Sites = [.. mark.Sites.Select(site => Named(site, installed, builtIn))] };
    }

    private static MarkSite Named(MarkSite site, params ReadOnlySpan<TraceEvent?> declarations)
    {
        foreach (TraceEvent? declaration in declarations)
        {
            if (declaration?.Arguments.Count == site.Arguments.Count)
            {
                return site with
                {
                    Arguments = [.. site.Arguments.Zip(declaration.Arguments, (argument, declared) => argument with { Name = declared.Name, CType = declared.CType })],
                };
            }
        }

        return site;
    }
}
