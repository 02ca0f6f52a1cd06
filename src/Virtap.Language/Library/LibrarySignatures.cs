using Virtap.Language.Syntax;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Library;

/// <summary>
/// What a library offers to scripts, a line each, as <c>stap --dump-functions</c> and <c>--dump-probe-aliases</c> write it; names that
/// begin with an underscore are left out, and what only -g allows.
/// </summary>
public static class LibrarySignatures
{
    /// <summary>
    /// Functions, built in or of the tapset, in the order of their names: <c>substr:string (str:string, start:long, length:long)</c>.
    /// </summary>
    public static IEnumerable<string> Functions(ScriptLibrary library) =>
        BuiltIns.All.Where(static builtIn => IsForScripts(builtIn.Name) && !builtIn.NeedsGuru).Select(Signature)
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

    private static string Signature(BuiltIn builtIn)
    {
        IEnumerable<string> parameters = builtIn.Parameters.Select(
            static parameter => parameter.Name + ScriptPrinter.Annotation(parameter.Type));
        if (builtIn.TakesValues)
            parameters = parameters.Append("...");
        return $"{builtIn.Name}{ScriptPrinter.Annotation(builtIn.Result)} ({string.Join(", ", parameters)})";
    }
}
