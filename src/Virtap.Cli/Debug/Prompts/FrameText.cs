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

namespace Virtap.Cli.Debug.Prompts;

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
    public string ArgumentList(DebugFrame frame)
    {
        TargetScope scope = session.ScopeOf(frame);
        return string.Join(", ", scope.Parameters().Select(each => Argument(scope, each)));
    }

    /// <summary>The parameters, each <c>name = value</c>.</summary>
    public IReadOnlyList<string> Arguments(DebugFrame frame)
    {
        TargetScope scope = session.ScopeOf(frame);
        return [.. scope.Parameters().Select(each => Assignment(scope, each))];
    }

    /// <summary>The variables that are no parameters, those of inner blocks first.</summary>
    public IReadOnlyList<string> Locals(DebugFrame frame)
    {
        TargetScope scope = session.ScopeOf(frame);
        return [
            .. scope.Blocks().SelectMany(static block => block).Where(static each => !each.IsParameter)
                .Select(each => Assignment(scope, each))];
    }

    private string Assignment(TargetScope scope, DebugVariable variable)
    {
        string name = PrintableText.OfLine(variable.Name);
        try
        {
            return $"{name} = {Text(scope, scope.Read(variable))}";
        }
        catch (ValueException e)
        {
            return $"{name} = <error reading variable {name} ({e.Message})>";
        }
    }

    /// <summary>A parameter with its value, and with the one that it was called with where the caller says.</summary>
    private string Argument(TargetScope scope, DebugVariable variable)
    {
        string name = variable.Name;
        try
        {
            Value value = scope.Read(variable);
            Value? entry = scope.ReadAtEntry(variable);
            bool isSummary = variable.Type.Underlying is StructureType or ArrayType;
            string text = isSummary ? "..." : Text(scope, value);
            if (entry is null)
                return $"{name}={text}";
            return value.Absence is null && value.Bytes.SequenceEqual(entry.Bytes) ? $"{name}={name}@entry={text}"
                : $"{name}={text}, {name}@entry={(isSummary ? "..." : Text(scope, entry))}";
        }
        catch (ValueException e)
        {
            return $"{name}=<error reading variable: {e.Message}>";
        }
    }

    private string Text(TargetScope scope, Value value) =>
        new ValuePrinter(scope, scope.IsCPlusPlus, session.Options).PrintInner(value);
}
