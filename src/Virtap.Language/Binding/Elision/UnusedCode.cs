using Virtap.Language.Binding.Declarations;
using Virtap.Language.Diagnostics;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Binding.Elision;

/// <summary>
/// Takes out of a body what nobody would miss, before it is bound: assignments to locals that are never read, and expressions without an
/// effect. What an alias sets up for those who may want it asks nothing of a target then, and cannot fail in a probe that does not want it.
/// </summary>
/// <param name="declarations">The names.</param>
/// <param name="keepsAll">-u: nothing is taken out.</param>
/// <param name="diagnostics">Takes a warning for what is taken out of the user's own files.</param>
internal sealed class UnusedCode(DeclarationTable declarations, bool keepsAll, DiagnosticBag diagnostics)
{
    private readonly DeclarationTable _declarations = declarations;
    private readonly DiagnosticBag _diagnostics = diagnostics;
    private readonly Effects _effects = new(declarations);

    /// <summary>The parts of a body, which share their locals, without what is not used.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="parameters">Names that have values from the outset.</param>
    public IReadOnlyList<BodyPart> Strip(IReadOnlyList<BodyPart> parts, params IEnumerable<string> parameters)
    {
        var names = new BodyNames(parts, parameters);
        while (!keepsAll)
        {
            var pass = new Pass(this, names, UnreadNames(parts));
            List<BodyPart> stripped = [.. parts.Select(part => part with { Statement = pass.Strip(part) })];
            if (!pass.HasChanged)
                return stripped;
            parts = stripped;
        }

        return parts;
    }

    /// <summary>Whether a part has come to nothing.</summary>
    public static bool IsEmpty(BodyPart part) => part.Statement is BlockSyntax { Statements: [] } or EmptySyntax;

    /// <summary>Names that stand nowhere but on the left of plain assignments, and where an error's text is caught.</summary>
    private static HashSet<string> UnreadNames(IReadOnlyList<BodyPart> parts)
    {
        Dictionary<string, int> reads = [];
        foreach (BodyPart part in parts)
        {
            SyntaxWalk.Any(part.Statement, node =>
            {
                if (node is NameSyntax name)
                    reads[name.Name] = reads.GetValueOrDefault(name.Name) + 1;
                else if (IsPlainAssignment(node, out NameSyntax? target, out _))
                    reads[target.Name] = reads.GetValueOrDefault(target.Name) - 1;
                else if (node is TrySyntax { Variable: NameSyntax caught })
                    reads[caught.Name] = reads.GetValueOrDefault(caught.Name) - 1;
                return false;
            });
        }

        return [.. reads.Where(static each => each.Value == 0).Select(static each => each.Key)];
    }

    private static bool IsPlainAssignment(
        SyntaxNode node,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out NameSyntax? target,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AssignmentSyntax? assignment)
    {
        assignment = node is ExpressionStatementSyntax { Expression: AssignmentSyntax { Operator: SyntaxOperator.Assign } found }
            ? found : null;
        target = assignment?.Target as NameSyntax;
        return assignment is not null && target is not null;
    }

    /// <summary>One time through the parts, with the names that are not read now.</summary>
    private sealed class Pass(UnusedCode owner, BodyNames names, HashSet<string> unread)
    {
        private ScriptFile? _file;

        public bool HasChanged { get; private set; }

        public StatementSyntax Strip(BodyPart part)
        {
            _file = part.File;
            return StripOrEmpty(part.Statement);
        }

        private StatementSyntax StripOrEmpty(StatementSyntax statement) => Strip(statement) ?? new BlockSyntax(statement.Span, []);

        private StatementSyntax? Strip(StatementSyntax statement) => statement switch
        {
            BlockSyntax block => StripBlock(block),
            EmptySyntax => null,
            ExpressionStatementSyntax expression => StripExpression(expression),
            IfSyntax choice => StripIf(choice),
            WhileSyntax loop => StripRepeated(loop.Body, loop.Condition) is { } body ? loop with { Body = body } : null,
            ForSyntax loop => StripRepeated(loop.Body, loop.Initializer, loop.Condition, loop.Step) is { } body
                ? loop with { Body = body } : null,
            ForEachSyntax loop => loop with { Body = StripOrEmpty(loop.Body) },
            // What does nothing cannot fail.
            TrySyntax attempt => StripRepeated(attempt.Body) is { } body
                ? attempt with { Body = body, Handler = StripOrEmpty(attempt.Handler) } : null,
            _ => statement,
        };

        /// <summary>A statement's body; null where neither it nor what the statement itself computes has an effect.</summary>
        private StatementSyntax? StripRepeated(StatementSyntax body, params ReadOnlySpan<ExpressionSyntax?> computed)
        {
            if (Strip(body) is { } stripped)
                return stripped;
            foreach (ExpressionSyntax? each in computed)
            {
                if (each is not null && owner._effects.Has(each, _file!))
                    return new BlockSyntax(body.Span, []);
            }

            HasChanged = true;
            return null;
        }

        private BlockSyntax? StripBlock(BlockSyntax block)
        {
            List<StatementSyntax> statements = [.. block.Statements.Select(Strip).OfType<StatementSyntax>()];
            return statements.Count == 0 ? null : block with { Statements = statements };
        }

        private IfSyntax? StripIf(IfSyntax choice)
        {
            StatementSyntax? then = Strip(choice.Then), otherwise = choice.Else is { } other ? Strip(other) : null;
            if (then is not null || otherwise is not null || owner._effects.Has(choice.Condition, _file!))
                return choice with { Then = then ?? new EmptySyntax(choice.Then.Span), Else = otherwise };
            HasChanged = true;
            return null;
        }

        private ExpressionStatementSyntax? StripExpression(ExpressionStatementSyntax statement)
        {
            if (IsPlainAssignment(statement, out NameSyntax? target, out AssignmentSyntax? assignment))
            {
                if (!unread.Contains(target.Name) || owner.IsGlobal(target.Name, _file!))
                    return statement;
                HasChanged = true;
                Warn($"Eliding assignment to '{target.Name}'", assignment.OperatorSpan);
                return new ExpressionStatementSyntax(statement.Span, assignment.Value);
            }

            if (owner._effects.Has(statement.Expression, _file!))
                return statement;
            HasChanged = true;
            WarnOfNeverAssigned(statement);
            Warn("Eliding side-effect-free expression ", statement.Span);
            return null;
        }

        /// <summary>What goes is not bound, and nobody else would say that there never was a value.</summary>
        private void WarnOfNeverAssigned(ExpressionStatementSyntax statement) => SyntaxWalk.Any(statement, node =>
        {
            if (node is NameSyntax { Name: var name } read && !_file!.IsLibrary && names.IsNeverAssigned(name)
                && !owner.IsGlobal(name, _file))
            {
                NeverAssigned.WarnOfLocal(
                    owner._diagnostics, name, read.Span,
                    [.. names.All.Concat(owner._declarations.AllGlobals.Where(static global => !global.IsLibrary)
                        .Select(static global => global.Name)).Where(other => other != name)]);
            }

            return false;
        });

        /// <summary>What the library does not need is no news for its users.</summary>
        private void Warn(string message, SourceSpan span)
        {
            if (!_file!.IsLibrary)
                owner.Warn(message, span);
        }
    }

    private bool IsGlobal(string name, ScriptFile file) => _declarations.FindGlobal(name, file) is not null;

    private void Warn(string message, SourceSpan span) => _diagnostics.Warning(message, span);

    /// <summary>The variables' names in a body as it is written.</summary>
    private sealed class BodyNames
    {
        private readonly HashSet<string> _assigned;
        private readonly HashSet<string> _all = [];

        public BodyNames(IReadOnlyList<BodyPart> parts, IEnumerable<string> parameters)
        {
            _assigned = [.. parameters];
            foreach (BodyPart part in parts)
                SyntaxWalk.Any(part.Statement, Meet);
        }

        /// <summary>All of them.</summary>
        public IEnumerable<string> All => _all;

        /// <summary>Whether nothing in the body gives a variable a value.</summary>
        public bool IsNeverAssigned(string name) => !_assigned.Contains(name);

        private bool Meet(SyntaxNode node)
        {
            if (node is NameSyntax any)
                _all.Add(any.Name);
            IEnumerable<ExpressionSyntax?> assigned = node switch
            {
                AssignmentSyntax assignment => [assignment.Target],
                IncrementSyntax increment => [increment.Operand],
                ForEachSyntax loop => loop.Keys.Append(loop.Value),
                TrySyntax attempt => [attempt.Variable],
                _ => [],
            };
            foreach (ExpressionSyntax? each in assigned)
            {
                if (each is NameSyntax name)
                    _assigned.Add(name.Name);
            }

            return false;
        }
    }
}
