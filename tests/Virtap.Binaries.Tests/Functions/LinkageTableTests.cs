using Virtap.Binaries.Elf;
using Virtap.Binaries.Functions;

namespace Virtap.Binaries.Tests.Functions;

/// <summary>The procedure linkage tables of programs, by what the dynamic linker is told to write for them.</summary>
public class LinkageTableTests
{
    [Theory]
    [InlineData("/bin/ls", "malloc")]
    [InlineData("/bin/sh", "read")]
    public void A_programs_calls_into_libraries_have_entries(string program, string function)
    {
        using ElfFile file = ElfFile.Open(program);
        IReadOnlyList<LinkageEntry> entries = LinkageTable.Read(file);
        LinkageEntry entry = Assert.Single(entries, each => each.Name == function);
        Assert.True(file.FindSegment(entry.Address) is { IsExecutable: true });
        Assert.Equal(entries.Count, entries.Select(each => each.Address).Distinct().Count());
        Assert.Equal(entries.Order(Comparer<LinkageEntry>.Create((a, b) => a.Address.CompareTo(b.Address))), entries);
    }
}
