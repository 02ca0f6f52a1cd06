using System.Globalization;
using System.Text;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Types;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Values;
using Virtap.Language;

namespace Virtap.Cli.Debug;

/// <summary>Frames and their variables, in gdb's text.</summary>
internal sealed class FrameText(DebugSession session)
{
    /// <summary>A frame: <c>f (a=1) at file.c:12</c>, with its address where that is no beginning of a line.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="hasAddress">Whether the address is shown in any case.</param>
    public string Line(DebugFrame frame, bool hasAddress = false)
    {
        var text = new StringBuilder();
        if (frame.IsMidLine || frame.Source is null || hasAddress)
            text.Append(CultureInfo.InvariantCulture, $"0x{frame.Address:x16} in ");
        text.Append(frame.Symbol ?? "??").Append(" (");
        if (frame.Function is not null)
            text.Append(ArgumentList(frame));
        text.Append(')');
        if (frame.Source is { } source)
            text.Append(CultureInfo.InvariantCulture, $" at {frame.SourceName}:{source.Line}");
        else if (frame.Image is { } image && image != session.Target.Program)
            text.Append(" from ").Append(image.Name);
        return PrintableText.OfLine(text.ToString());
    }

    /// <summary>A frame with its number.</summary>
    public string Numbered(DebugFrame frame, bool hasAddress = false) =>
        string.Create(CultureInfo.InvariantCulture, $"#{frame.Level,-2} {Line(frame, hasAddress)}");

    /// <summary>The parameters as they stand between parentheses: structures are <c>...</c>.</summary>
    public string ArgumentList(DebugFrame frame) =>
        string.Join(", ", frame.Variables().Where(static each => each.IsParameter).Select(each => Argument(frame, each)));

    /// <summary>The parameters, each <c>name = value</c>.</summary>
    public IReadOnlyList<string> Arguments(DebugFrame frame) =>
        [.. frame.Variables().Where(static each => each.IsParameter).Select(each => Assignment(frame, each))];

    /// <summary>The variables that are no parameters, those of inner blocks first.</summary>
    public IReadOnlyList<string> Locals(DebugFrame frame) =>
        [.. (frame.Function?.BlocksAt(frame.LookUp) ?? []).SelectMany(static block => block).Where(static each => !each.IsParameter)
            .Select(each => Assignment(frame, each))];

    private string Assignment(DebugFrame frame, DebugVariable variable) =>
        $"{PrintableText.OfLine(variable.Name)} = {Text(frame, variable, isSummary: false)}";

    private string Argument(DebugFrame frame, DebugVariable variable) => $"{variable.Name}={Text(frame, variable, isSummary: true)}";

    private string Text(DebugFrame frame, DebugVariable variable, bool isSummary)
    {
        if (isSummary && variable.Type.Underlying is StructureType or ArrayType)
            return "...";
        TargetScope scope = session.ScopeOf(frame);
        try
        {
            Value value = scope.Read(variable);
            return new ValuePrinter(scope, scope.IsCPlusPlus, session.Options).PrintInner(value);
        }
        catch (ValueException e)
        {
            return $"<error: {e.Message}>";
        }
    }
}
