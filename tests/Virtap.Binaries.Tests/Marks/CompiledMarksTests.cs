using System.Runtime.InteropServices;
using System.Text;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Marks;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Marks;

/// <summary>
/// Programs with marks, compiled in several ways and run: gdb evaluates what was read from the notes, the program prints what it should
/// be.
/// </summary>
public class CompiledMarksTests
{
    private const string Source = """
        #define _SDT_HAS_SEMAPHORES 1
        #include <sys/sdt.h>
        #include <stdio.h>
        #define SEMAPHORE(name) __extension__ unsigned short app_##name##_semaphore __attribute__((section(".probes"), used)) = 0;
        SEMAPHORE(members) SEMAPHORE(globals) SEMAPHORE(scalars) SEMAPHORE(element) SEMAPHORE(constants) SEMAPHORE(twelve)
        SEMAPHORE(nothing) SEMAPHORE(kinds)

        struct item { signed char c; short s; int i; long l; unsigned char uc; unsigned short us; unsigned ui; unsigned long ul; };
        struct item items[3] = { { 0 }, { -1, -2, -3, -4, 250, 65530, 4294967290u, 18446744073709551610ul }, { 1, 2, 3, 4, 5, 6, 7, 8 } };
        static int table[8] = { 0, -11, 22, -33, 44, -55, 66, -77 };
        long global = -123456789012;
        static unsigned short hidden = 65535;
        __thread int mine = 9;

        #define SHOW(format, ...) printf("P " format "\n", __VA_ARGS__)

        __attribute__((noinline)) static void members(struct item *item)
        {
            STAP_PROBE8(app, members, item->c, item->s, item->i, item->l, item->uc, item->us, item->ui, item->ul);
            SHOW("members %ld %ld %ld %ld %ld %ld %ld %ld",
                 (long)item->c, (long)item->s, (long)item->i, item->l, (long)item->uc, (long)item->us, (long)item->ui, (long)item->ul);
        }

        __attribute__((noinline)) static void globals(void)
        {
            STAP_PROBE4(app, globals, global, hidden, table[3], items[1].s);
            SHOW("globals %ld %ld %ld %ld", global, (long)hidden, (long)table[3], (long)items[1].s);
        }

        __attribute__((noinline)) static void scalars(int i, unsigned u, signed char c, unsigned char uc, short s, long l, void *p)
        {
            STAP_PROBE7(app, scalars, i, u, c, uc, s, l, p);
            SHOW("scalars %ld %ld %ld %ld %ld %ld %ld", (long)i, (long)u, (long)c, (long)uc, (long)s, l, (long)p);
        }

        __attribute__((noinline)) static void element(int *array, long n)
        {
            STAP_PROBE3(app, element, array[n], n, &array[n]);
            SHOW("element %ld %ld %ld", (long)array[n], n, (long)&array[n]);
        }

        __attribute__((noinline)) static void constants(void)
        {
            STAP_PROBE5(app, constants, 5, -1, 4294967295u, (signed char)-3, -1l);
            SHOW("constants %ld %ld %ld %ld %ld", 5l, -1l, 4294967295l, -3l, -1l);
        }

        __attribute__((noinline)) static void twelve(
            long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l)
        {
            STAP_PROBE12(app, twelve, a, b, c, d, e, f, g, h, i, j, k, l);
            SHOW("twelve %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld", a, b, c, d, e, f, g, h, i, j, k, l);
        }

        __attribute__((noinline)) static void kinds(double d, float f)
        {
            STAP_PROBE3(app, kinds, d, mine, f);
            STAP_PROBE(app, nothing);
            SHOW("nothing%s", "");
        }

        int main(void)
        {
            setbuf(stdout, 0);
            members(&items[1]);
            members(&items[2]);
            globals();
            scalars(-5, 4000000000u, -6, 200, -30000, -7, items);
            element(table, 5);
            constants();
            twelve(1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12);
            kinds(1.5, 2.5f);
            return 0;
        }
        """;

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O2")]
    [InlineData("-O2 -no-pie")]
    [InlineData("-O1 -fno-omit-frame-pointer -mcmodel=large")]
    [InlineData("-O3 -flto")]
    public void What_is_read_at_a_mark_is_what_the_program_gave_it(string options)
    {
        Assert.SkipUnless(
            RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "the compiler here makes programs of another processor");
        using CProgram program = CProgram.Compile(Source, options.Split(' '));
        using ElfFile file = ElfFile.Open(program.Binary);
        IReadOnlyList<Mark> marks = SdtNotes.Read(file);
        Assert.True(file.Symbols.TryFind("main", out ElfSymbol main));

        var script = new StringBuilder($"set pagination off\nbreak main\nrun\nset $bias = (unsigned long)&main - {main.Address}\n");
        foreach (Mark mark in marks.Where(mark => mark.Name != "kinds"))
        {
            foreach (MarkSite site in mark.Sites)
            {
                script.Append($"break *($bias+{site.Address})\ncommands\nsilent\nprintf \"G {mark.Name}\"\n");
                foreach (MarkArgument argument in site.Arguments)
                {
                    Assert.True(argument.Value is not null, $"{mark.Name}: {argument.Unreadable}");
                    script.Append($"printf \" %ld\", (long){Show.Of(argument.Value).Replace("bias", "$bias", StringComparison.Ordinal)}\n");
                }

                script.Append("printf \"\\n\"\ncontinue\nend\n");
            }
        }

        script.Append("continue\n");
        string output = Tool.Run(
            "gdb", "-q", "-batch", "-nx", "-iex", "set debuginfod enabled off", "-x", program.Write("script", script.ToString()),
            program.Binary);
        string[] lines = output.Split('\n');
        string[] expected = [.. lines.Where(line => line.StartsWith("P ", StringComparison.Ordinal)).Select(line => line[2..])];
        Assert.Equal(8, expected.Length);
        Assert.Equal(expected, lines.Where(line => line.StartsWith("G ", StringComparison.Ordinal)).Select(line => line[2..]));
    }

    [Fact]
    public void Floating_point_and_thread_local_arguments_keep_their_places_and_say_why()
    {
        using CProgram program = CProgram.Compile(Source, "-O2");
        using ElfFile file = ElfFile.Open(program.Binary);
        IReadOnlyList<MarkArgument> arguments = Assert.Single(SdtNotes.Read(file, new MarkPattern("kinds")))!.Sites[0].Arguments;
        Assert.Equal(3, arguments.Count);
        Assert.StartsWith("a floating-point value", arguments[0].Unreadable, StringComparison.Ordinal);
        Assert.True(arguments[1].Value is not null || arguments[1].Unreadable!.Contains("thread-local", StringComparison.Ordinal));
    }

    [Fact]
    public void Semaphores_are_where_the_symbol_table_has_them()
    {
        using CProgram program = CProgram.Compile(Source, "-O2");
        using ElfFile file = ElfFile.Open(program.Binary);
        foreach (Mark mark in SdtNotes.Read(file))
        {
            Assert.True(file.Symbols.TryFind($"app_{mark.Name}_semaphore", out ElfSymbol semaphore));
            Assert.All(
                mark.Sites,
                site => Assert.True(file.TryAddress(site.SemaphoreFileOffset, out ulong address) && address == semaphore.Address));
        }
    }

    [Fact]
    public void Marks_of_a_compiled_program_are_those_that_readelf_lists()
    {
        using CProgram program = CProgram.Compile(Source, "-O2");
        AssertAgreesWithReadelf(program.Binary);
    }

    [Theory]
    [InlineData("/usr/bin/python3.11")]
    [InlineData("/usr/lib/x86_64-linux-gnu/libstdc++.so.6")]
    public void Marks_of_an_installed_file_are_those_that_readelf_lists_and_can_be_read(string path)
    {
        Assert.SkipUnless(File.Exists(path), $"{path} is not installed");
        using ElfFile file = ElfFile.Open(path);
        Assert.SkipUnless(SdtNotes.Any(file), $"{path} has no marks");
        AssertAgreesWithReadelf(path);
        foreach (MarkArgument argument in SdtNotes.Read(file).SelectMany(mark => mark.Sites).SelectMany(site => site.Arguments))
            Assert.Null(argument.Unreadable);
    }

    private static void AssertAgreesWithReadelf(string path)
    {
        List<(string, string, ulong)> expected = [], actual = [];
        string name = "", provider = "";
        foreach (string line in Tool.Run("readelf", "-nW", path).Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.IndexOf("Provider: ", StringComparison.Ordinal) is int at and >= 0)
                provider = line[(at + 10)..];
            else if (line.StartsWith("Name: ", StringComparison.Ordinal))
                name = line[6..];
            else if (line.StartsWith("Location: 0x", StringComparison.Ordinal))
                expected.Add((provider, name, Convert.ToUInt64(line.Split(',')[0][12..], 16)));
        }

        using ElfFile file = ElfFile.Open(path);
        foreach (Mark mark in SdtNotes.Read(file))
            actual.AddRange(mark.Sites.Select(site => (mark.Provider, mark.Name, site.Address)));
        expected.Sort();
        actual.Sort();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, actual);
    }
}
