using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Dwarf.Frames;
using Virtap.Debugging.Targets;
using Virtap.Processes;
using Virtap.Processes.Stacks;

namespace Virtap.Debugging.Frames;

/// <summary>Frames of a target's threads, which stand still.</summary>
/// <param name="target">The target.</param>
public sealed class FrameReader(DebugTarget target)
{
    private readonly TailCalls _tailCalls = new(target);
    private CodeMap? _code;

    /// <summary>The process has gone on, and may have loaded code.</summary>
    public void Refresh() => _code = null;

    /// <summary>The frames of a thread; main's is the last.</summary>
    /// <param name="registers">What the thread has in its registers.</param>
    /// <param name="count">How many frames of the stack at most.</param>
    /// <param name="hidden">How many functions that are inlined at the innermost frame have not been entered yet.</param>
    /// <param name="withTailCalls">Whether frames are shown whose functions have jumped to the next one.</param>
    public FrameList Read(
        RegisterValues registers, int count = StackWalker.DefaultDepth, int hidden = 0, bool withTailCalls = false)
    {
        TargetProcess process = target.Process ?? throw new InvalidOperationException("A file has no frames.");
        _code ??= new CodeMap(process, process.ReadMappings(), target.Code);
        ThreadStack stack = StackWalker.Walk(_code, registers, null, count + 1);
        IReadOnlyList<StackFrame> physicals = withTailCalls ? _tailCalls.Insert(stack.Frames) : stack.Frames;
        List<DebugFrame> frames = [];
        bool isMain = false;
        int physical = 0;
        for (; physical < physicals.Count && physical < count && !isMain; physical++)
        {
            ulong cfa = physicals.Skip(physical + 1).FirstOrDefault(static each => !each.IsTailCall)?.Registers.StackPointer ?? 0;
            isMain = Add(frames, physicals, physical, cfa, physical == 0 ? hidden : 0);
        }

        bool isCut = !isMain && (physical < physicals.Count || stack.End == StackEnd.TooDeep);
        return new FrameList(frames, isCut, isMain ? StackEnd.Outermost : stack.End);
    }

    /// <summary>Where a frame returns to; null where that is not known.</summary>
    public ulong? CallerOf(DebugFrame frame) => _code is null ? null
        : StackWalker.Walk(_code, frame.Physical.Registers, null, 2).Frames is [_, var caller] ? caller.Address : null;

    /// <summary>Where a frame has saved its caller's registers, by their DWARF numbers; empty where nobody says.</summary>
    public IReadOnlyList<(int Register, ulong Address)> SavedRegisters(DebugFrame frame) =>
        frame.Physical.Code is { Image.Frames: { } table } code
            ? FrameUnwinder.SavedRegisters(
                table, code.Bias, frame.Physical.Registers, frame.Physical.IsReturnAddress, target.Memory.TryRead)
            : [];

    private bool Add(List<DebugFrame> frames, IReadOnlyList<StackFrame> stack, int index, ulong cfa, int hidden)
    {
        StackFrame physical = stack[index];
        StackFrame[] outer = [.. stack.Skip(index)];
        LoadedImage? image = target.ImageAt(physical.Address);
        var frame = new DebugFrame(frames.Count, physical, 0) { Stack = outer, Image = image, Cfa = cfa, IsMidLine = true };
        string? symbol = SymbolOf(frame);
        if (image?.Debug is not { } debug)
        {
            frames.Add(frame with { Symbol = symbol });
            return symbol == "main";
        }

        LineSpan? span = debug.LineSpanAt(frame.LookUp);
        SourceLine? line = span?.Source;
        string name = span?.Name ?? "";
        bool isMidLine = span is not { IsStatement: true } || physical.IsReturnAddress || span.Start != physical.Address - image.Bias;
        IReadOnlyList<DebugFunction> functions = debug.FunctionsAt(frame.LookUp);
        for (int depth = 0; depth < functions.Count; depth++)
        {
            DebugFunction function = functions[depth];
            if (depth >= hidden)
                frames.Add(new DebugFrame(frames.Count, physical, depth)
                {
                    Stack = outer, Image = image, Function = function, Source = line, SourceName = name, Symbol = function.SymbolName,
                    Cfa = cfa, IsMidLine = isMidLine && (depth == 0 || hidden > 0),
                });
            line = function.CallSite;
            name = line is null ? "" : debug.NameOf(frame.LookUp, line.File);
        }

        if (functions.Count == 0)
            frames.Add(frame with { Source = line, SourceName = name, Symbol = symbol, IsMidLine = isMidLine });
        return image == target.Program && functions is [.., { Name: "main" }];
    }

    private string? SymbolOf(DebugFrame frame)
    {
        ulong address = frame.Address - (frame.Physical.IsReturnAddress ? 1u : 0);
        ResolvedAddress? resolved = _code?.Describe(frame.Address, frame.Physical.IsReturnAddress);
        return resolved?.Symbol?.Name ?? target.NameOf(address)?.Symbol;
    }
}

/// <summary>Frames of a thread.</summary>
/// <param name="Frames">The innermost first.</param>
/// <param name="IsCut">Whether there are more than were asked for.</param>
/// <param name="End">How the walk ended.</param>
public sealed record FrameList(IReadOnlyList<DebugFrame> Frames, bool IsCut, StackEnd End);
