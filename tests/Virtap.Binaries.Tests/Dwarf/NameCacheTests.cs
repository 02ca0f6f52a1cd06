using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Types;
using Virtap.Names;

namespace Virtap.Binaries.Tests.Dwarf;

public sealed class NameCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-names-").FullName;

    private string Cached => Path.Combine(_folder, "cache");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(DebugWay.Gcc5)]
    [InlineData(DebugWay.Dwz)]
    public void Names_that_were_kept_say_what_the_debug_information_says(DebugWay way)
    {
        using DebugProgram program = DebugProgram.Make(way);
        string[] collected = Ask(program, Cache());
        Assert.Equal(Ask(program, null), collected);
        string file = Assert.Single(Directory.GetFiles(Cached));
        Assert.Equal(program.Elf.BuildId + ".names", Path.GetFileName(file));
        DateTime written = DateTime.UtcNow.AddDays(-1);
        File.SetLastWriteTimeUtc(file, written);
        Assert.Equal(collected, Ask(program, Cache()));
        // It was used: it is not the one that goes first.
        Assert.NotEqual(written, File.GetLastWriteTimeUtc(file));
    }

    [Fact]
    public void What_is_damaged_or_of_something_else_is_collected_anew()
    {
        using DebugProgram program = DebugProgram.Make(DebugWay.Gcc5);
        string[] collected = Ask(program, Cache());
        string file = Assert.Single(Directory.GetFiles(Cached));
        byte[] whole = File.ReadAllBytes(file);
        for (int at = 0; at < whole.Length; at += 7)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x41;
            File.WriteAllBytes(file, damaged);
            Assert.Equal(collected, Ask(program, Cache()));
            File.WriteAllBytes(file, whole[..at]);
            Assert.Equal(collected, Ask(program, Cache()));
        }

        Assert.Equal(whole, File.ReadAllBytes(file));
    }

    [Fact]
    public void Names_that_somebody_has_made_up_are_compared_with_the_entries()
    {
        using DebugProgram program = DebugProgram.Make(DebugWay.Gcc5);
        _ = Ask(program, Cache());
        NameTable real = NameTable.TryRead(File.ReadAllBytes(Assert.Single(Directory.GetFiles(Cached))), KeyOf(program))!;
        uint hash = NameTable.Hash("node"u8);
        Named[] lies = [
            .. Enumerable.Range(0, 4000).Select(at => new Named(hash, at % 9, NamedKind.Structure, at * 3)),
            new(hash, 1 << 28, NamedKind.Type, 0), new(hash, 0, NamedKind.Type, -5), new(hash, 0, (NamedKind)7, int.MaxValue)];
        Cache().Keep(program.Elf.BuildId!, NameTable.Of([lies], KeyOf(program)));
        using DebugInfo debug = Open(program, Cache());
        // Nothing is found, or what is there.
        Assert.True(debug.FindType("struct node") is null or StructureType);
        Assert.Empty(debug.FindFunctions(new Glob("*")));
        Assert.True(real.Names.Length > 10);
    }

    [Fact]
    public void Only_so_much_is_kept_and_what_was_used_last_stays()
    {
        Directory.CreateDirectory(Cached, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string old = Path.Combine(Cached, "aa.names"), young = Path.Combine(Cached, "bb.names");
        string left = Path.Combine(Cached, "cc.names.7.new"), foreign = Path.Combine(Cached, "README");
        foreach (string file in (string[])[old, young, left, foreign])
            File.WriteAllBytes(file, new byte[3000]);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(-2));
        NameTable table = NameTable.Of([[new Named(1, 0, NamedKind.Type, 1)]], "key");
        new NameCache(Cached, 4000).Keep("dd", table);
        Assert.Equal(
            ["README", "bb.names", "dd.names"], Directory.GetFiles(Cached).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        // One that would take most of the place is not kept.
        new NameCache(Cached, table.Bytes.Length).Keep("ee", table);
        Assert.False(File.Exists(Path.Combine(Cached, "ee.names")));
    }

    [Fact]
    public void A_directory_that_others_write_to_is_not_believed()
    {
        using DebugProgram program = DebugProgram.Make(DebugWay.Gcc5);
        Directory.CreateDirectory(Cached);
        File.SetUnixFileMode(Cached, (UnixFileMode)0b111_111_111);
        _ = Ask(program, Cache());
        Assert.Empty(Directory.GetFiles(Cached));
        // And one that cannot be made is nobody's trouble.
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        _ = Ask(program, new NameCache(Path.Combine(_folder, "file", "cache"), minInfoBytes: 0));
    }

    private NameCache Cache() => new(Cached, minInfoBytes: 0);

    private static string KeyOf(DebugProgram program)
    {
        using DebugInfo debug = Open(program, new NameCache("/nowhere", minInfoBytes: 0));
        return debug.Identity()!.Key;
    }

    private static DebugInfo Open(DebugProgram program, NameCache? cache) =>
        DebugInfo.Open(program.Elf, new DebugFileSearch { Roots = [], Names = cache })!;

    private static string[] Ask(DebugProgram program, NameCache? cache)
    {
        using DebugInfo debug = Open(program, cache);
        return [
            $"{debug.FindType("struct node")?.Size}", $"{debug.FindType("node")}", $"{debug.FindConstant("GREEN")}",
            $"{debug.FindGlobal("counter")?.Location is not null}", $"{debug.FindGlobal("nothing")}",
            .. debug.FindFunctions(new Glob("*")).Select(static function => $"{function.Name} {function.EntryAddress:x}")];
    }
}
