using Virtap.Binaries.Types;
using Virtap.Cli.Rendering;
using Virtap.Debugging.Evaluation;
using Virtap.Debugging.Frames;
using Virtap.Debugging.Printing;
using Virtap.Debugging.Sessions;
using Virtap.Debugging.Values;
using Virtap.Processes.Control;
using Virtap.Processes.Cores;

namespace Virtap.Cli.DebugAdapter;

/// <summary>Threads, frames, variables, expressions of a process that stands still.</summary>
internal sealed partial class AdapterServer
{
    /// <summary>The most that one answer has: whoever wants more asks for the next ones.</summary>
    private const int MaxChildren = 1000;

    // Numbers of frames and of what has parts are given out until the process runs again.
    private readonly List<(int ThreadId, int Level)> _frames = [];
    private readonly List<Container> _containers = [];
    private Value? _returned;

    /// <summary>What has variables: a scope of a frame, or a value with parts.</summary>
    /// <param name="Frame">The number of the frame in which names have their meaning; 0 for none.</param>
    private abstract record Container(int Frame);

    private sealed record ScopeContainer(int Frame, ScopeKind Kind) : Container(Frame);

    private sealed record ValueContainer(int Frame, Value Value, string Expression) : Container(Frame);

    private enum ScopeKind
    {
        Arguments,
        Locals,
        Registers,
    }

    private bool HandleInspection(AdapterRequest request)
    {
        switch (request.Command)
        {
            case "threads":
                stream.Answer(request, new ThreadList(_threads), AdapterMessages.Default.ThreadList);
                break;
            case "stackTrace":
                stream.Answer(
                    request, Trace(request.Read(AdapterMessages.Default.StackTraceArguments)), AdapterMessages.Default.StackTraceBody);
                break;
            case "scopes":
                int frame = request.Read(AdapterMessages.Default.ScopesArguments).FrameId;
                Select(frame);
                stream.Answer(request, new ScopeList([.. Enum.GetValues<ScopeKind>().Select(Scope)]), AdapterMessages.Default.ScopeList);
                break;

                ScopeInfo Scope(ScopeKind kind) => new(
                    kind.ToString(), Keep(new ScopeContainer(frame, kind)), kind == ScopeKind.Registers,
                    kind.ToString().ToLowerInvariant());
            case "variables":
                VariablesArguments wanted = request.Read(AdapterMessages.Default.VariablesArguments);
                stream.Answer(request, new VariableList(Variables(wanted)), AdapterMessages.Default.VariableList);
                break;
            case "evaluate":
                stream.Answer(
                    request, Evaluate(request.Read(AdapterMessages.Default.EvaluateArguments)), AdapterMessages.Default.Evaluated);
                break;
            default:
                return false;
        }

        return true;
    }

    private List<ThreadInfo> Threads() => Session.Target.Process is CoreProcess
        ? [.. Session.CoreThreads.Select(static each => new ThreadInfo(each.Id, Figures.Invariant($"LWP {each.Id}")))]
        : [.. (Session.Inferior?.Threads ?? []).Select(static each => new ThreadInfo(each.Id, each.Name))];

    /// <summary>The process is about to run: numbers that were given out mean nothing any more.</summary>
    private void Forget()
    {
        _frames.Clear();
        _containers.Clear();
        _returned = null;
    }

    private StackTraceBody Trace(StackTraceArguments wanted)
    {
        SelectThread(wanted.ThreadId);
        IReadOnlyList<DebugFrame> frames = Session.Frames().Frames;
        int start = Math.Clamp(wanted.StartFrame, 0, frames.Count);
        IEnumerable<DebugFrame> shown = frames.Skip(start).Take(wanted.Levels > 0 ? wanted.Levels : frames.Count);
        return new StackTraceBody([.. shown.Select(frame => Info(frame, wanted.ThreadId))], frames.Count);
    }

    private FrameInfo Info(DebugFrame frame, int threadId)
    {
        int number = _frames.IndexOf((threadId, frame.Level)) + 1;
        if (number == 0)
        {
            _frames.Add((threadId, frame.Level));
            number = _frames.Count;
        }

        return new FrameInfo(
            number, frame.Symbol ?? "??", frame.Source is { } source ? SourceOf(source.File) : null,
            frame.Source is { } line ? line.Line - 1 + _firstLine : 0, frame.Source is null ? 0 : _firstLine,
            Figures.Invariant($"0x{frame.Address:x}"), frame.Source is null ? "subtle" : null);
    }

    private static SourceInfo SourceOf(string path) => new(Path.GetFileName(path), path);

    private void SelectThread(int id)
    {
        if (Session.Target.Process is CoreProcess)
        {
            int at = Session.CoreThreads.ToList().FindIndex(each => each.Id == id);
            if (at < 0)
                throw new AdapterException(Figures.Invariant($"there is no thread {id}"));
            Session.SelectCoreThread(at + 1);
            return;
        }

        Session.Select(RequireProcess().Threads.FirstOrDefault(each => each.Id == id)
            ?? throw new AdapterException(Figures.Invariant($"there is no thread {id}")));
    }

    /// <summary>Has names mean what they mean in a frame; 0 for the innermost of the thread that is looked at.</summary>
    private void Select(int frame)
    {
        if (frame == 0)
        {
            Session.SelectFrame(0);
            return;
        }

        if (frame < 0 || frame > _frames.Count)
            throw new AdapterException("that frame is gone: the process has run since");
        (int thread, int level) = _frames[frame - 1];
        SelectThread(thread);
        Session.SelectFrame(level);
    }

    private int Keep(Container container)
    {
        _containers.Add(container);
        return _containers.Count;
    }

    private IReadOnlyList<VariableInfo> Variables(VariablesArguments wanted)
    {
        if (wanted.VariablesReference < 1 || wanted.VariablesReference > _containers.Count)
            throw new AdapterException("those variables are gone: the process has run since");
        Container container = _containers[wanted.VariablesReference - 1];
        Select(container.Frame);
        int start = Math.Max(wanted.Start, 0), count = wanted.Count > 0 ? Math.Min(wanted.Count, MaxChildren) : MaxChildren;
        IEnumerable<(string Name, string? Expression, Func<Value> Read)> all = container switch
        {
            ScopeContainer { Kind: ScopeKind.Registers } => OfRegisters(),
            ScopeContainer scope => OfFrame(scope.Kind),
            ValueContainer value => PartsOf(value, start, count),
            _ => [],
        };
        if (container is not ValueContainer { Value.Type.Underlying: ArrayType })
            all = all.Skip(start).Take(count);
        return [.. all.Select(each => Info(each.Name, each.Expression, each.Read, container.Frame))];
    }

    private IEnumerable<(string Name, string? Expression, Func<Value> Read)> OfRegisters()
    {
        foreach (string name in TargetScope.RegisterNames)
            yield return (name, "$" + name, () => Session.Expressions.Evaluate("$" + name));
    }

    private IEnumerable<(string Name, string? Expression, Func<Value> Read)> OfFrame(ScopeKind kind)
    {
        if (kind == ScopeKind.Locals && _returned is { } returned && Session.FrameNumber == 0)
            yield return ("(return value)", null, () => returned);
        if (Session.Frame is not { } frame)
            yield break;
        TargetScope names = Session.ScopeOf(frame);
        foreach (var variable in frame.Variables().Where(each => each.IsParameter == (kind == ScopeKind.Arguments)))
            yield return (variable.Name, variable.Name, () => names.Read(variable));
    }

    private IEnumerable<(string Name, string? Expression, Func<Value> Read)> PartsOf(ValueContainer whole, int start, int count)
    {
        Value value = whole.Value;
        string name = Factor(whole.Expression), member = name + ".", self = whole.Expression;
        if (value.Type.Underlying is PointerType pointer)
        {
            Value target = Value.At(pointer.Target, Session.Target.Memory, value.ToAddress());
            if (pointer.Target.Underlying is not StructureType)
                return [("*", "*" + name, () => target)];
            (value, member, self) = (target, name + "->", "*" + name);
        }

        return value.Type.Underlying switch
        {
            StructureType { Definition: { } definition } => definition.Members.Select(each => (
                each.Name ?? (each.IsBase ? each.Type.ToString() : "<anonymous>"),
                each.Name is null ? self : (string?)(member + each.Name), (Func<Value>)(() => value.Member(each)))),
            ArrayType { Count: long elements, Element: var element } => Enumerable.Range(0, (int)Math.Clamp(elements - start, 0, count))
                .Select(at => (Figures.Invariant($"[{start + at}]"), (string?)Figures.Invariant($"{name}[{start + at}]"),
                    (Func<Value>)(() => value.Part(element, (start + at) * (element.Size ?? 0))))),
            _ => [],
        };
    }

    /// <summary>An expression that something may stand behind: a name and its members as they are, all else between parentheses.</summary>
    private static string Factor(string expression) =>
        expression.Replace("->", ".", StringComparison.Ordinal)
            .All(static c => char.IsLetterOrDigit(c) || "_$.[]".Contains(c, StringComparison.Ordinal)) ? expression : $"({expression})";

    /// <summary>A variable in a line, with a number for what it has inside.</summary>
    private VariableInfo Info(string name, string? expression, Func<Value> read, int frame)
    {
        try
        {
            Value value = read();
            (int reference, int? elements) = Inside(value, expression ?? name, frame);
            bool isSummary = reference > 0 && value.Type.Underlying is not PointerType;
            return new VariableInfo(name, Text(value, isSummary), TypeName(value), reference, elements, expression);
        }
        catch (ValueException e)
        {
            return new VariableInfo(name, $"<error: {e.Message}>", null, 0, EvaluateName: expression);
        }
    }

    private Evaluated Evaluate(EvaluateArguments wanted)
    {
        if (wanted.FrameId is { } frame)
            Select(frame);
        Value value = Session.Expressions.Evaluate(wanted.Expression);
        (int reference, int? elements) = Inside(value, wanted.Expression, wanted.FrameId ?? 0);
        // Who types an expression wants to see all of it; a hover or a watched one is opened by hand.
        bool isSummary = wanted.Context is not ("repl" or "clipboard") && reference > 0 && value.Type.Underlying is not PointerType;
        return new Evaluated(Text(value, isSummary), TypeName(value), reference, elements);
    }

    /// <summary>A number for what a value has inside, 0 where it has nothing, and of an array how many elements there are.</summary>
    private (int Reference, int? Elements) Inside(Value value, string expression, int frame)
    {
        if (value.Absence is not null)
            return (0, null);
        bool hasParts = value.Type.Underlying switch
        {
            StructureType { Definition: { IsKnown: true, Members.Count: > 0 } } => true,
            ArrayType { Count: > 0 } => true,
            PointerType { Target.Underlying: not (VoidType or FunctionType) and { Size: > 0 } } => value.ToAddress() != 0,
            _ => false,
        };
        if (!hasParts)
            return (0, null);
        int? elements = value.Type.Underlying is ArrayType { Count: long count } ? (int)Math.Min(count, int.MaxValue) : null;
        return (Keep(new ValueContainer(frame, value, expression)), elements);
    }

    private string Text(Value value, bool isSummary) => Session.Expressions.Text(
        value, isSummary ? Session.Options with { MaxDepth = 0 } : Session.Options);

    private string TypeName(Value value) => new TypeText(Session.Expressions.Scope.IsCPlusPlus).Name(value.Type);
}
