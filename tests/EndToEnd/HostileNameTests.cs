using System.Globalization;
using System.Text.Json;

namespace Virtap.EndToEnd;

/// <summary>Names that a QEMU, a file or a process chose are shown so that nothing in them reaches the terminal as an order.</summary>
public sealed class HostileNameTests : IDisposable
{
    // Colours, a new line, a bell; what turns the direction of text; C1 (CSI); a byte that is no UTF-8.
    private const string Hostile = @"evil\033[31m\nx\007\342\200\256\302\2331m\377";

    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-names.").FullName;

    [Theory]
    [InlineData("ls $pid")]
    [InlineData("ls $pid -l")]
    [InlineData("vq $pid --once --interval 0.1")]
    [InlineData("why $pid -s 0.3")]
    [InlineData("ring $pid disk0")]
    [InlineData("marks $pid virtio_notify")]
    [InlineData("ls $pid --json")]
    [InlineData("vq $pid --once --interval 0.1 --json")]
    [InlineData("why $pid -s 0.3 --json")]
    [InlineData("ring $pid disk0 --json")]
    [InlineData("marks $pid virtio_notify --json")]
    [InlineData("doctor --mend $pid")]
    [InlineData("stacks $pid")]
    [InlineData("print $pid '*vdev(disk0)' nope")]
    [InlineData("run -p2 -e \"probe process($pid).function(\\\"virtio_notify\\\") { println(1) }\"")]
    [InlineData("run -t -T 1 -e \"probe process($pid).function(\\\"main_loop_wait\\\") { n++ }\"")]
    public async Task Of_a_QEMU_with_a_hostile_name_and_path_nothing_but_text_is_shown(string command)
    {
        await Requirements.InspectingAsync();
        Requirements.Program("qemu-system-x86_64");
        CommandResult shown = await ShellAsync(
            $"""
            qemu="$folder/$(printf '{Hostile}')"
            cp "$(command -v qemu-system-x86_64)" "$qemu"
            export QEMU_MODULE_DIR="$(dirname "$(ls /usr/lib/*/qemu/accel-tcg-*.so | head -n 1)")"
            "$qemu" -S -m 64 -nodefaults -display none -name "$(printf '{Hostile}')" \
                -L /usr/share/seabios -L /usr/share/qemu -daemonize -pidfile "$folder/pid" \
                -device virtio-blk-pci,id=disk0,drive=d -blockdev driver=null-co,node-name=d 2>/dev/null
            pid=$(cat "$folder/pid")
            "{VirtapProcess.Binary}" {command}
            kill $pid
            """);

        AssertPlain(shown);
        Assert.NotEmpty(shown.Output + shown.Error);
        Assert.DoesNotContain("No such", shown.Error, StringComparison.Ordinal);
        if (command.EndsWith("--json", StringComparison.Ordinal) && shown.Output.Length > 0)
            JsonDocument.Parse(shown.Output);
    }

    [Theory]
    [InlineData("marks $exe")]
    [InlineData("marks $exe --json")]
    [InlineData("run -l 'process(\"'$exe'\").mark(\"*\")'")]
    [InlineData("run -L 'process(\"'$exe'\").mark(\"*\")'")]
    [InlineData("marks $exe nonesuch")]
    public async Task Of_a_file_with_hostile_marks_nothing_but_text_is_shown(string command)
    {
        await Requirements.AttachingAsync();
        CommandResult shown = await ShellAsync(
            $$"""
            exe="$folder/hostile"
            cat >"$folder/hostile.c" <<'END'
            #include <sys/sdt.h>
            int main(void) { STAP_PROBE1(provXider, mark_XXXXXXXXXXXXX_end, 1); return 0; }
            END
            gcc -o "$exe" "$folder/hostile.c"
            evil=$(printf '\033[31m\007\n\342\200\256\302\2331m')
            LC_ALL=C perl -0pi \
                -e "s/provXider/prov\033ider/g;" -e "s/mark_XXXXXXXXXXXXX_end/mark_\033[31m\007\n\xe2\x80\xae\xc2\x9bm_end/g" "$exe"
            "{{VirtapProcess.Binary}}" {{command}}
            """);

        AssertPlain(shown);
        Assert.Contains("mark", shown.Output + shown.Error, StringComparison.Ordinal);
    }

    /// <summary>Each command line about a program whose functions, variables, members, types and files are named so in its DWARF.</summary>
    public static TheoryData<string> OfDebugInformation =>
    [
        "run -l 'process(\"'$exe'\").function(\"*\")'", "run -L 'process(\"'$exe'\").function(\"f*\")'",
        "run -L 'process(\"'$exe'\").function(\"f*\").return'", "run -L 'process(\"'$exe'\").statement(\"*@*:*\")'",
        "run -e 'probe process(\"'$exe'\").function(\"f*\") { println($nope) }'",
        "run -e 'probe process(\"'$exe'\").function(\"f*\") { println($p->nope) }'",
        "run -p2 -e 'probe process(\"'$exe'\").function(\"f*\") { println($$vars) }'",
        "run -p3 -e 'probe process(\"'$exe'\").function(\"f*\") { println($$vars) }'",
        "run -t -c $exe -e 'probe process(\"'$exe'\").function(\"f*\") { n++ }'",
        "print $exe obj en '&obj' main nope obj.nope", "print $exe obj --json", "print -t $exe obj en", "types $exe obj en 'struct s'",
        "types $exe obj en --json", "marks $exe", "stacks $pid", "stacks $pid --json", "print $pid obj en",
    ];

    [Theory]
    [MemberData(nameof(OfDebugInformation))]
    public async Task Of_hostile_debug_information_nothing_but_text_is_shown_and_no_line_is_forged(string command)
    {
        await Requirements.AttachingAsync();
        CommandResult shown = await ShellAsync(
            $$"""
            exe="$folder/hostile"
            cat >"$folder/nEVILn.c" <<'END'
            #include <unistd.h>
            struct sEVILs { int mEVILm; struct sEVILs *next; };
            enum eEVILe { cEVILc = 1 };
            typedef struct sEVILs tEVILt;
            tEVILt obj = { 7, 0 }; enum eEVILe en = cEVILc;
            __attribute__((noinline)) int fEVILf(int aEVILa, tEVILt *p) { int lEVILl = aEVILa * 2; return p->mEVILm += lEVILl; }
            int main(int argc, char **argv) { fEVILf(3, &obj); return argc > 1 ? sleep(60) : 0; }
            END
            gcc -g -O1 -o "$exe" "$folder/nEVILn.c"
            LC_ALL=C perl -0pi -e "s/EVIL/\033\n#\x85/g" "$exe"
            "$exe" wait & pid=$!
            "{{VirtapProcess.Binary}}" {{command}}
            kill -9 $pid
            """);

        AssertPlain(shown);
        Assert.NotEmpty(shown.Output + shown.Error);
        Assert.DoesNotContain("\n#", shown.Output + shown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_script_prints_is_its_own_business_and_with_safe_it_is_quoted()
    {
        const string Script = @"probe begin { printf(""a\033[31mb\n"") exit() }";
        CommandResult plain = await VirtapProcess.RunAsync("run", "-e", Script),
        safe = await VirtapProcess.RunAsync("run", "--safe", "-e", Script);

        Assert.Equal((0, "a\x1b[31mb\n"), (plain.Status, plain.Output));
        Assert.Equal((0, "a\\x1b[31mb\n"), (safe.Status, safe.Output));
    }

    /// <inheritdoc/>
    public void Dispose() => Command.RunAsync("/bin/rm", ["-rf", _folder]).Wait();

    private static void AssertPlain(CommandResult shown)
    {
        foreach (char c in shown.Output + shown.Error)
        {
            UnicodeCategory category = char.GetUnicodeCategory(c);
            Assert.True(
                c is '\n' or '\t'
                || category is not (UnicodeCategory.Control or UnicodeCategory.Format), $"U+{(int)c:X4} in: {shown.Output}{shown.Error}");
        }

        Assert.DoesNotContain("internal error", shown.Error, StringComparison.Ordinal);
    }

    private Task<CommandResult> ShellAsync(string script) => Command.RunAsync("/bin/bash", ["-c", $"folder='{_folder}'\n{script}"]);
}
