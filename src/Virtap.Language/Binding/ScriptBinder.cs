using Virtap.Language.Binding.Targets;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Diagnostics;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding;

/// <summary>Pass 2: gives every name of a script its meaning and every expression its type.</summary>
public static class ScriptBinder
{
    /// <summary>Binds scripts to a program.</summary>
    /// <param name="scripts">The user's scripts; their probes make the program.</param>
    /// <param name="library">Where functions and aliases are found that the scripts do not declare.</param>
    /// <param name="resolver">Knows the probe points that are not aliases.</param>
    /// <param name="options">What the command line says.</param>
    /// <param name="diagnostics">Takes what is wrong.</param>
    /// <returns>The program; null if there is an error.</returns>
    public static BoundProgram? Bind(
        IReadOnlyList<ScriptSyntax> scripts,
        ScriptLibrary library,
        IProbeResolver resolver,
        BindOptions options,
        DiagnosticBag diagnostics)
    {
        int before = diagnostics.ErrorCount;
        BoundProgram program = new ProgramBinder(library, resolver, options, diagnostics).Bind(scripts);
        return diagnostics.ErrorCount == before ? program : null;
    }
}
