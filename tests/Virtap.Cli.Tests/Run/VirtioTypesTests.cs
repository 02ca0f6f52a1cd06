using Virtap.Cli.Run;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;

namespace Virtap.Cli.Tests.Run;

/// <summary>Scripts on a QEMU that was stripped: its structures are types all the same.</summary>
public class VirtioTypesTests
{
    private const string Qemu = "/usr/bin/qemu-system-x86_64";

    [Theory]
    [InlineData("@cast($vq, \"VirtQueue\")->last_avail_idx")]
    [InlineData("@cast($vq, \"struct VirtQueue *\")->vring->num")]
    [InlineData("@cast($vq, \"VirtQueue\", \"qemu-system-x86_64\")->vdev->vq[$n]->inuse")]
    [InlineData("@cast($vq, \"VirtQueue\")->guest_notifier->rfd")]
    [InlineData("@cast($vdev, \"VirtIODevice\")->status")]
    [InlineData("user_string(@cast($vdev, \"VirtIODevice\")->name)")]
    [InlineData("@cast($vq, \"VirtQueue\")$$")]
    [InlineData("usymname(@cast($vq, \"VirtQueue\")->handle_output)")]
    public void What_is_recovered_can_be_read(string expression) => Assert.Empty(Compile(expression));

    [Theory]
    [InlineData("@cast($vq, \"VirtQueue\")->used_elems", "unable to find member 'used_elems' for struct VirtQueue", "its code gives away")]
    [InlineData("@cast($vdev, \"VirtIODevice\")->isr", "unable to find member 'isr' for struct VirtIODevice", "its code gives away")]
    [InlineData("@cast($vq, \"VirtQueueElement\")->index", "type definition 'VirtQueueElement' not found", "has no debug information")]
    public void What_is_not_says_so(string expression, string message, string hint)
    {
        Diagnostic diagnostic = Assert.Single(Compile(expression));

        Assert.Contains(message, diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(hint, diagnostic.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_no_QEMU_has_none_of_its_types()
    {
        using var file = Virtap.Binaries.Elf.ElfFile.Open("/proc/self/exe");

        Assert.Null(new VirtioTypes().FindType(file, "VirtQueue", out string? problem));
        Assert.NotNull(problem);
        Assert.Null(new VirtioTypes().FindType(file, "Other", out problem));
        Assert.Null(problem);
    }

    private static IReadOnlyList<Diagnostic> Compile(string expression)
    {
        Assert.SkipUnless(File.Exists(Qemu), "no QEMU is installed");
        var diagnostics = new DiagnosticBag();
        using var resolver = new ProbeResolver(new ProbeOptions { RecoveredTypes = new VirtioTypes() });
        var compiler = new ScriptCompiler(new CompilerOptions(), resolver, diagnostics);
        string script = $"probe process(\"{Qemu}\").mark(\"virtio_queue_notify\") {{ println({expression}) }}";
        bool isCompiled = compiler.Compile(new SourceText("<test>", script)) is not null;
        Assert.Equal(!isCompiled, diagnostics.HasErrors);
        return diagnostics.Diagnostics;
    }
}
