using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Elf;
using Virtap.Binaries.Tests.Support;

namespace Virtap.Binaries.Tests.Dwarf;

/// <summary>How a program's debug information is made: each way has encodings and places of its own.</summary>
public enum DebugWay
{
    Gcc4,
    Gcc5,
    Gcc5Optimized,
    Gcc4Optimized,
    TypeUnits4,
    TypeUnits5,
    Split4,
    Split5,
    Package4,
    Compressed,
    CompressedOld,
    Linked,
    LinkTime,
    Dwz,
    Clang5,
    Clang4Optimized,
    Clang5Optimized,
    ClangPackage5,
}

/// <summary>A program whose own output says how its structures lie, compiled with debug information.</summary>
internal sealed class DebugProgram : IDisposable
{
    public const string Source = """
        #include <stdio.h>
        #include <stddef.h>
        #include <stdint.h>
        #include <stdbool.h>

        struct inner { char tag; long value; };
        typedef struct inner inner_t;
        enum color { RED, GREEN = 5, BLUE = -2 };
        struct node {
            char letter;
            bool flag;
            uint16_t count;
            inner_t in;
            struct node *next;
            const char *name;
            unsigned bits : 3, more : 7;
            int odd : 5;
            union { int number; float real; };
            struct { short low, high; };
            char text[10];
            int grid[2][3];
            double weight;
            enum color color;
            int (*call)(struct node *, int);
            volatile const unsigned long *where;
            int64_t tail[];
        };
        struct hidden;

        int counter = 7;
        static long secret = 11;
        struct node first = { 'a', true, 2, { 'b', 3 }, &first, "name", 4, 5, -6, { 8 }, { 9, 10 }, "text", { { 1 } }, 1.5, GREEN };

        static inline __attribute__((always_inline)) int twice(int v) { return v * counter; }

        __attribute__((noinline, noclone)) int work(struct node *node, int n, enum color color)
        {
            int local = n + 1;
            node->in.value += local;
            if (node->in.value > 100) {
                int deep = twice(n);
                local += deep;
                goto out;
            }
            local += (int)secret;
        out:
            __asm__ volatile("" : : : "memory");
            return local + color;
        }

        #define MEMBER(m) printf("%s %zu\n", #m, offsetof(struct node, m))

        int main(int argc, char **argv)
        {
            struct hidden *nothing = 0;
            printf("size %zu\n", sizeof(struct node));
            MEMBER(letter); MEMBER(flag); MEMBER(count); MEMBER(in); MEMBER(next); MEMBER(name); MEMBER(number); MEMBER(real);
            MEMBER(low); MEMBER(high); MEMBER(text); MEMBER(grid); MEMBER(weight); MEMBER(color); MEMBER(call); MEMBER(where); MEMBER(tail);
            secret += argc;
            return work(&first, argc, GREEN) == 0 || nothing != 0;
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-dwarf-").FullName;

    private DebugProgram(DebugWay way)
    {
        Path = System.IO.Path.Combine(_folder, "program");
        string source = System.IO.Path.Combine(_folder, "program.c");
        File.WriteAllText(source, Source);
        string compiler = way >= DebugWay.Clang5 ? "clang" : "gcc";
        string[] options = way switch
        {
            DebugWay.Gcc4 => ["-O0", "-gdwarf-4"],
            DebugWay.Gcc4Optimized => ["-O2", "-gdwarf-4"],
            DebugWay.TypeUnits4 => ["-O2", "-gdwarf-4", "-fdebug-types-section"],
            DebugWay.TypeUnits5 => ["-O2", "-gdwarf-5", "-fdebug-types-section"],
            DebugWay.Split4 or DebugWay.Package4 => ["-O2", "-gdwarf-4", "-gsplit-dwarf"],
            DebugWay.Split5 or DebugWay.ClangPackage5 => ["-O2", "-gdwarf-5", "-gsplit-dwarf"],
            DebugWay.Compressed => ["-O2", "-gdwarf-5", "-gz=zlib"],
            DebugWay.LinkTime => ["-O2", "-gdwarf-5", "-flto"],
            DebugWay.Clang4Optimized => ["-O2", "-gdwarf-4"],
            DebugWay.Gcc5 or DebugWay.Clang5 => ["-O0", "-gdwarf-5"],
            _ => ["-O2", "-gdwarf-5"],
        };
        Tool.Run(compiler, ["-o", Path, source, .. options]);
        switch (way)
        {
            case DebugWay.CompressedOld:
                Tool.Run("objcopy", "--compress-debug-sections=zlib-gnu", Path);
                break;
            case DebugWay.Package4:
                Tool.Run("dwp", "-e", Path, "-o", Path + ".dwp");
                DeleteSplit();
                break;
            case DebugWay.ClangPackage5:
                // binutils' dwp fails on version 5, and LLVM 14's does not end on GCC's.
                Tool.Run("llvm-dwp", "-e", Path, "-o", Path + ".dwp");
                DeleteSplit();
                break;
            case DebugWay.Linked:
                Tool.Run("objcopy", "--only-keep-debug", Path, Path + ".debug");
                Tool.Run("strip", Path);
                Tool.Run("objcopy", $"--add-gnu-debuglink={Path}.debug", Path);
                break;
            case DebugWay.Dwz:
                string other = System.IO.Path.Combine(_folder, "other");
                File.Copy(Path, other);
                Tool.Run("dwz", "-m", System.IO.Path.Combine(_folder, "shared.dwz"), Path, other);
                break;
        }

        Elf = ElfFile.Open(Path);
        Debug = DebugInfo.Open(Elf, new DebugFileSearch { Roots = [] })
            ?? throw new InvalidOperationException($"{way}: no debug information");
    }

    private void DeleteSplit()
    {
        foreach (string file in Directory.GetFiles(_folder, "*.dwo", SearchOption.AllDirectories))
            File.Delete(file);
    }

    public string Path { get; }

    public ElfFile Elf { get; }

    public DebugInfo Debug { get; }

    /// <summary>Compiles; skips the test where a program for it is missing.</summary>
    public static DebugProgram Make(DebugWay way) => new(way);

    /// <summary>What it prints: offsets of members, by name.</summary>
    public Dictionary<string, long> Run() => Tool.Run(Path).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => line.Split(' ')).ToDictionary(static words => words[0], static words => long.Parse(words[1]));

    public void Dispose()
    {
        Debug.Dispose();
        Elf.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
