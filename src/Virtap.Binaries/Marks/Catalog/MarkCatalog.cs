using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks.Recovered;
using Virtap.Binaries.Marks.TraceEvents;
using Virtap.Names;

namespace Virtap.Binaries.Marks.Catalog;

/// <summary>
/// The marks of a file, wherever they come from: SDT notes, and for a QEMU without those the trace events recovered from its code. Marks of
/// QEMU have the names and types of their arguments from the declarations of its trace events. One mark of thousands is found without
/// reading the others. Not for
/// several threads at once.
/// </summary>
public sealed class MarkCatalog
{
    // Recovering all marks at once takes about as long as this many one by one.
    private const int FewMarks = 32;

    private static readonly MarkPattern s_qemu = new("*", RecoveredMarks.Provider);

    private readonly ElfFile _file;
    private readonly Lazy<TraceEventTable?> _declarations;
    private readonly Lazy<RecoveredMarks?> _recovered;

    /// <summary>Opens the catalog of a file, which stays the caller's.</summary>
    /// <param name="file">The file.</param>
    /// <param name="declarations">The declarations of the trace events of this QEMU; null for those installed on this host.</param>
    public MarkCatalog(ElfFile file, TraceEventTable? declarations = null)
    {
        _file = file;
        _declarations = new Lazy<TraceEventTable?>(() => declarations ?? TraceEventTable.TryOpenOfHost());
        _recovered = new Lazy<RecoveredMarks?>(
            () => SdtNotes.Any(file, s_qemu) ? null : RecoveredMarks.TryOpen(file, _declarations.Value ?? TraceEventTable.BuiltIn));
    }

    /// <summary>Finds marks.</summary>
    /// <returns>In order of provider and name.</returns>
    /// <exception cref="ElfFormatException">The file is damaged.</exception>
    public IReadOnlyList<Mark> Find(MarkPattern pattern)
    {
        List<Mark> marks = [.. SdtNotes.Read(_file, pattern).Select(Named)];
        marks.AddRange(FindRecovered(pattern));
        marks.Sort(
            (a, b) => string.CompareOrdinal(a.Provider, b.Provider) is not 0 and int order
            ? order : string.CompareOrdinal(a.Name, b.Name));
        return marks;
    }

    /// <summary>
    /// The names of all marks, without reading them, in order and each once; of recovered ones also those that may turn out not to be
    /// readable.
    /// </summary>
    /// <exception cref="ElfFormatException">The file is damaged.</exception>
    public IReadOnlyList<string> Names() => [.. SdtNotes.Names(_file).Union(_recovered.Value?.Names ?? []).Order(StringComparer.Ordinal)];

    /// <summary>The names of the marks that have a pattern's provider, as <see cref="Names"/> gives them.</summary>
    /// <param name="pattern">The pattern; what it says of names is passed over.</param>
    /// <exception cref="ElfFormatException">The file is damaged.</exception>
    public IReadOnlyList<string> NamesOf(MarkPattern pattern) => pattern.Provider is null || pattern.IsProvider(RecoveredMarks.Provider)
        ? Names()
        : [.. Find(new MarkPattern("*", pattern.Provider)).Select(static mark => mark.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Says, for people, why a pattern matches no mark, and what may have been meant.</summary>
    /// <param name="pattern">A pattern for which <see cref="Find"/> gives nothing.</param>
    /// <exception cref="ElfFormatException">The file is damaged.</exception>
    public string Explain(MarkPattern pattern)
    {
        IReadOnlyList<string> names = Names();
        if (names.Count == 0)
            return $"{_file} has no marks";
        if (pattern.LiteralName is string name)
        {
            if (pattern.Provider is not null && Find(new MarkPattern(pattern.Name)) is [Mark other, ..])
                return $"{other.Name} is a mark of provider {other.Provider}";
            if (MarkSuccessor.Of(name).FirstOrDefault(successor => names.Contains(successor.Name)) is MarkSuccessor found)
                return $"this QEMU has no {name}; use {found.Name}: {found.Reason}";
            if (names.Contains(name) && _recovered.Value?.WhyMissing(name) is string reason)
                return $"{name} cannot be used: {reason}";
        }

        IReadOnlyList<string> nearest = NearestNames.Of(pattern.Name, names);
        return nearest.Count == 0 ? $"no mark of {_file} has a similar name" : $"similar marks: {string.Join(", ", nearest)}";
    }

    private IEnumerable<Mark> FindRecovered(MarkPattern pattern)
    {
        if (!pattern.IsProvider(RecoveredMarks.Provider) || _recovered.Value is not RecoveredMarks recovered)
            return [];
        if (pattern.LiteralName is string name)
            return recovered.Find(name) is Mark mark ? [mark] : [];
        List<string> names = [.. recovered.Names.Where(each => pattern.IsMatch(RecoveredMarks.Provider, each))];
        return names.Count <= FewMarks
            ? names.Select(recovered.Find).OfType<Mark>()
            : recovered.All().Where(each => pattern.IsMatch(each.Provider, each.Name));
    }

    /// <summary>
    /// Names the arguments of QEMU's marks. A site with another number of arguments than the declaration is another version's, and keeps
    /// numbers alone.
    /// </summary>
    private Mark Named(Mark mark)
    {
        if (mark.Provider != RecoveredMarks.Provider || mark.Sites.All(site => site.Arguments.Count == 0))
            return mark;
        TraceEvent? installed = null;
        _declarations.Value?.TryFind(mark.Name, out installed);
        TraceEventTable.BuiltIn.TryFind(mark.Name, out TraceEvent? builtIn);
        return mark with
        {
            Sites = [.. mark.Sites.Select(site => Named(site, installed, builtIn))],
            Format = installed is { Formats: [var format] } ? format : null,
        };
    }

    private static MarkSite Named(MarkSite site, params ReadOnlySpan<TraceEvent?> declarations)
    {
        foreach (TraceEvent? declaration in declarations)
        {
            if (declaration?.ArgumentsOf(site.Arguments.Count) is { } declared)
            {
                return site with
                {
                    Arguments = [
                        .. site.Arguments.Zip(declared, (argument, named) => argument with { Name = named.Name, Type = named.Type })],
                };
            }
        }

        return site;
    }
}
