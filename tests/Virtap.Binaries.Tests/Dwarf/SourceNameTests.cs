using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Tests.Support;
using Virtap.Names;

namespace Virtap.Binaries.Tests.Dwarf;

/// <summary>How source files are called that a compiler was given by a relative path: as stap 4.8 lists them, by elfutils.</summary>
public sealed class SourceNameTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-sources-").FullName;

    [Theory]
    [InlineData("-gdwarf-5")]
    [InlineData("-gdwarf-4")]
    public void A_relative_directory_stays_relative_and_a_file_beside_the_compiler_has_its_whole_path(string dwarf)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "hw"));
        Directory.CreateDirectory(Path.Combine(_folder, "build"));
        foreach ((string source, string function) in ((string, string)[])[("hw/disk.c", "disk"), ("build/here.c", "here"), ("up.c", "up")])
            File.WriteAllText(Path.Combine(_folder, source), $"int {function}(int a) {{ return a + 1; }}\n");
        string library = Path.Combine(_folder, "names.so");
        Tool.Run("env", "-C", Path.Combine(_folder, "build"), "gcc", "-g", dwarf, "-O1", "-shared", "-fPIC", "-o", library,
            "../hw/disk.c", "here.c", "../up.c");
        using ElfFile file = ElfFile.Open(library);
        using DebugInfo debug = DebugInfo.Open(file, new DebugFileSearch { Roots = [] })!;
        Assert.Equal(("../hw/disk.c", $"{_folder}/build/../hw/disk.c"), NamesOf("disk"));
        Assert.Equal(($"{_folder}/build/here.c", $"{_folder}/build/here.c"), NamesOf("here"));
        Assert.Equal(("../up.c", $"{_folder}/build/../up.c"), NamesOf("up"));

        (string, string) NamesOf(string function)
        {
            DebugFunction found = debug.FindFunctions(new Glob(function)).Single();
            return (found.File, found.Path);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
