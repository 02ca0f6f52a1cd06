using Virtap.Language.Binding.Tree;
using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Library;

/// <summary>What a library offers to scripts, a line each, as <c>stap --dump-functions</c> and <c>--dump-probe-aliases</c> write it; names that begin with an underscore are left out.</summary>
public static class LibrarySignatures
{
    /// <summary>What the binder itself knows, beside the intrinsics; their types are in their code.</summary>
    private static readonly string[] s_bound =
    [
        "log (msg:string)", "warn (msg:string)", "pp:string ()", "pn:string ()", "ppfunc:string ()", "probefunc:string ()", "tz_gmtoff:long ()", "tz_name:string ()",
    ];

    /// <summary>Functions, in the order of their names: <c>substr:string (str:string, start:long, length:long)</c>.</summary>
    public static IEnumerable<string> Functions(ScriptLibrary library) =>
        s_bound
            .Concat(Enum.GetValues<Intrinsic>().Select(Intrinsics.Get).Where(static intrinsic => IsForScripts(intrinsic.Name)).Select(Signature))
            .Concat(library.ParseAll().SelectMany(static script => script.Declarations).OfType<FunctionSyntax>()
                .Where(static function => !function.IsPrivate && IsForScripts(function.Name)).Select(ScriptPrinter.Signature))
            .Distinct()
            .Order(StringComparer.Ordinal);

    /// <summary>Aliases, in the order of their names: <c>init = begin(-9223372036854775808)</c>.</summary>
    public static IEnumerable<string> Aliases(ScriptLibrary library) =>
        library.ParseAll().SelectMany(static script => script.Declarations).OfType<AliasSyntax>()
            .Where(static alias => !alias.IsPrivate && IsForScripts(alias.Names[0].Components[0].Name))
            .Select(ScriptPrinter.Signature)
            .Order(StringComparer.Ordinal);

    private static bool IsForScripts(string name) => !name.StartsWith('_');

    private static string Signature(Intrinsics.Signature intrinsic)
    {
        IEnumerable<string> parameters = intrinsic.Parameters.Select(static (type, index) => $"arg{index + 1}{ScriptPrinter.Annotation(type)}");
        return $"{intrinsic.Name}{ScriptPrinter.Annotation(intrinsic.ReturnType)} ({string.Join(", ", parameters)})";
    }
}
