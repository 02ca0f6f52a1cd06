using System.Text;

namespace Virtap.Binaries.Elf;

/// <summary>The libraries that the dynamic linker is to load with the file (generic ABI, "Dynamic Section").</summary>
public sealed partial class ElfFile
{
    private const long DynamicNeeded = 1, DynamicRunPathOld = 15, DynamicRunPath = 29;

    /// <summary>The libraries that it needs, as it names them, in its order; empty for a static program.</summary>
    public IReadOnlyList<string> NeededLibraries => field ??= DynamicTexts(DynamicNeeded);

    /// <summary>Where it wants its libraries sought, <c>$ORIGIN</c> not replaced; empty where it does not say.</summary>
    public IReadOnlyList<string> LibraryPaths => field ??= [
        .. DynamicTexts(DynamicEntries.ContainsKey(DynamicRunPath) ? DynamicRunPath : DynamicRunPathOld)
            .SelectMany(static paths => paths.Split(':', StringSplitOptions.RemoveEmptyEntries))];

    private List<string> DynamicTexts(long tag)
    {
        const int maxTexts = 1024;
        List<string> texts = [];
        if (!DynamicEntries.TryGetValue(DynamicStrings, out ulong strings))
            return texts;
        foreach (ElfSegment segment in _segments)
        {
            if (segment.Type != ElfSegmentType.Dynamic)
                continue;
            ReadOnlySpan<byte> table = _image.Cut(segment.Offset, segment.FileSize);
            for (int at = 0; at <= table.Length - 16 && ElfImage.Long(table, at) != 0 && texts.Count < maxTexts; at += 16)
            {
                if ((long)ElfImage.Long(table, at) == tag)
                    texts.Add(Encoding.UTF8.GetString(StringAt(strings + ElfImage.Long(table, at + 8))));
            }
        }

        return texts;
    }
}
