using System.Globalization;
using Virtap.Bpf.Features;
using Virtap.Language;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Preprocessing;
using Virtap.Tracing.Compilation;
using Virtap.Tracing.Lowering;
using Virtap.Tracing.Probes;
using Virtap.Tracing.Probes.Families;

namespace Virtap.Watch.Counting;

/// <summary>Virtap's own scripts: those of examples/, which lie in this assembly, and others that are made when they are needed.</summary>
public static class OwnScript
{
    /// <summary>A script's text.</summary>
    public static string Text(string name)
    {
        using var reader = new StreamReader(typeof(OwnScript).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>A script of examples/.</summary>
    /// <param name="name">Which; what messages call it too.</param>
    public static SourceText Example(string name) => new(name, Text(name));

    /// <summary>Compiles a script for this machine.</summary>
    /// <param name="source">The script.</param>
    /// <param name="arguments">$1 and so on: all of them are numbers.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="resolver">Knows the probe points; to be disposed of after the session.</param>
    /// <exception cref="NoPrivilegeException">This process may not run it.</exception>
    /// <exception cref="WatchException">It cannot be run here: a QEMU that has not the marks it needs.</exception>
    public static CompiledScript Compile(SourceText source, IReadOnlyList<ulong> arguments, LoweringOptions limits, ProbeResolver resolver)
    {
        if (!KernelFeatures.Current.Privilege.Present)
            throw new NoPrivilegeException();
        string[] texts = [.. arguments.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        var options = new CompilerOptions { Environment = new LanguageEnvironment { Arguments = texts }, Lowering = limits };
        var compiler = new ScriptCompiler(options, resolver, new DiagnosticBag());
        if (compiler.Compile(source) is { } script)
            return script;
        Diagnostic problem = compiler.Diagnostics.Diagnostics.First(d => d.Kind != DiagnosticKind.Warning);
        throw new WatchException(problem.Hint is { } hint ? $"{problem.Message}: {hint}" : problem.Message);
    }
}
