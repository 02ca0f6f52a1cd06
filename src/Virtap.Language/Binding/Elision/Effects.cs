using Virtap.Language.Binding.Declarations;
using Virtap.Language.Library;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Elision;

/// <summary>
/// Whether code does anything but make a value. As with SystemTap, error() is an effect; that memory cannot be read, or a divisor is 0,
/// is none.
/// </summary>
internal sealed class Effects(DeclarationTable declarations)
{
    // Of a function that is being looked at nothing is known against it: what calls itself does no more than its body does.
    private readonly Dictionary<FunctionDeclaration, bool> _functions = [];

    /// <summary>Whether an expression has an effect, or a mistake that is to be told.</summary>
    public bool Has(ExpressionSyntax expression, ScriptFile file) => SyntaxWalk.Any(expression, node => node switch
    {
        AssignmentSyntax => true,
        // What is written out cannot be counted up, and SystemTap never comes to say so.
        IncrementSyntax increment => increment.Operand is not (NumberSyntax or StringSyntax),
        EmbeddedExpressionSyntax embedded => !IsPure(embedded.Code),
        CallSyntax call => Has(call, file),
        // A local that is used as an array is a mistake.
        ElementSyntax { Array: NameSyntax array } => declarations.FindGlobal(array.Name, file) is null,
        _ => false,
    });

    private bool Has(CallSyntax call, ScriptFile file)
    {
        BuiltIn? builtIn = BuiltIns.Find(call.Name);
        if (builtIn is { TakesValues: true })
            return builtIn.HasEffect;
        List<FunctionDeclaration> functions = [
            .. declarations.FindFunctions(call.Name, file).Where(function => function.Arity == call.Arguments.Count)];
        if (functions.Count > 0)
            return functions.Exists(Has);
        return builtIn is null || builtIn.HasEffect || builtIn.Parameters.Count != call.Arguments.Count;
    }

    private bool Has(FunctionDeclaration function)
    {
        if (_functions.TryGetValue(function, out bool known))
            return known;
        _functions.Add(function, false);
        bool has = SyntaxWalk.Any(function.Syntax.Body, node => node switch
        {
            AssignmentSyntax assignment => IsShared(assignment.Target, function),
            IncrementSyntax increment => IsShared(increment.Operand, function),
            // Of a local it is a mistake, which is to be told.
            DeleteSyntax => true,
            ForEachSyntax loop => loop.Keys.Append(loop.Value).Any(name => name is not null && IsShared(name, function)),
            TrySyntax { Variable: { } variable } => IsShared(variable, function),
            EmbeddedStatementSyntax embedded => !IsPure(embedded.Code),
            EmbeddedExpressionSyntax embedded => !IsPure(embedded.Code),
            CallSyntax call => Has(call, function.File),
            _ => false,
        });
        _functions[function] = has;
        return has;
    }

    /// <summary>Whether what is written to outlives the function.</summary>
    private bool IsShared(ExpressionSyntax written, FunctionDeclaration function) => written is not NameSyntax name
        || (!function.Syntax.Parameters.Any(parameter => parameter.Name == name.Name)
            && declarations.FindGlobal(name.Name, function.File) is not null);

    /// <summary>What embedded C says of itself in SystemTap's libraries.</summary>
    private static bool IsPure(string code) => code.Contains("/* pure */", StringComparison.Ordinal);
}
