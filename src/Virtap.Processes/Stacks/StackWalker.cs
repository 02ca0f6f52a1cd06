using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Frames;
using Virtap.Processes.Memory;
using Virtap.Processes.Stops;

namespace Virtap.Processes.Stacks;

/// <summary>A frame of a stack.</summary>
/// <param name="Registers">What it has in its registers, as far as that is known.</param>
/// <param name="IsReturnAddress">
/// Whether its instruction pointer stands behind a call. The innermost frame's does not, nor that of code that a signal interrupted.
/// </param>
/// <param name="Code">The code; null where no file's is.</param>
/// <param name="IsSignalTrampoline">
/// Whether it is the code that a signal's handler returns to: the next frame was interrupted by the signal.
/// </param>
public sealed record StackFrame(RegisterValues Registers, bool IsReturnAddress, LoadedCode? Code, bool IsSignalTrampoline = false)
{
    /// <summary>Whether it is no longer on the stack: its function has jumped to the one of the frame before.</summary>
    public bool IsTailCall { get; init; }

    /// <summary>Where it is.</summary>
    public ulong Address => Registers.InstructionPointer;

    /// <summary>The innermost frame of a thread.</summary>
    /// <param name="registers">What the thread has in its registers.</param>
    /// <param name="code">The code; null where no file's is, or nobody asks for it.</param>
    public static StackFrame Innermost(RegisterValues registers, LoadedCode? code = null) => new(registers, IsReturnAddress: false, code);

    /// <summary>A frame of which only the place is known: what names mean there, before any thread has come.</summary>
    /// <param name="address">Run-time address, of this machine's code.</param>
    public static StackFrame At(ulong address)
    {
        var registers = new RegisterValues(HostArchitecture.Current);
        registers[registers.InstructionPointerNumber] = address;
        return Innermost(registers);
    }
}

/// <summary>Where a walk along a stack ended.</summary>
public enum StackEnd
{
    /// <summary>At the outermost frame.</summary>
    Outermost,

    /// <summary>At code that nothing describes, and that keeps no frame pointer.</summary>
    NotDescribed,

    /// <summary>The next frame cannot be found: the stack is damaged.</summary>
    Lost,

    /// <summary>The stack goes on behind what was copied of it.</summary>
    StackCut,

    /// <summary>It has more frames than were asked for.</summary>
    TooDeep,
}

/// <summary>A stack: its frames, the innermost first, and how it ended.</summary>
public sealed record ThreadStack(IReadOnlyList<StackFrame> Frames, StackEnd End);

/// <summary>Walks along stacks of a process.</summary>
public static class StackWalker
{
    /// <summary>As many frames as anybody wants to read.</summary>
    public const int DefaultDepth = 256;

    /// <summary>Walks from a thread's registers to its outermost frame.</summary>
    /// <param name="code">The process's code.</param>
    /// <param name="registers">What the thread has in its registers.</param>
    /// <param name="stack">
    /// Its stack at that instant; null for a process that does not run, whose memory is of that instant. What of the stack is not in the
    /// copy is not read: it would be of another instant.
    /// </param>
    /// <param name="maxFrames">How many frames at most.</param>
    public static ThreadStack Walk(CodeMap code, RegisterValues registers, StackCopy? stack, int maxFrames = DefaultDepth)
    {
        TargetMemory memory = code.Process.Memory;
        Mapping? stackMapping = stack is null ? null : code.Mappings.At(stack.Start);
        bool isCut = false;
        List<StackFrame> frames = [StackFrame.Innermost(registers, code.At(registers.InstructionPointer))];
        while (frames.Count < maxFrames)
        {
            UnwindStep step = Step(frames[^1]);
            if (step.Outcome != UnwindOutcome.Caller)
                return new ThreadStack(frames, isCut ? StackEnd.StackCut : EndOf(step.Outcome));
            bool isReturnAddress = !step.IsSignalFrame;
            if (step.IsSignalFrame)
                frames[^1] = frames[^1] with { IsSignalTrampoline = true };
            frames.Add(
                new StackFrame(
                    step.Caller!, isReturnAddress, code.At(step.Caller!.InstructionPointer - (isReturnAddress ? 1ul : 0))));
        }

        return new ThreadStack(frames, StackEnd.TooDeep);

        UnwindStep Step(StackFrame frame)
        {
            if (frame.Code is { Image.Frames: { } table } where
                && FrameUnwinder.Step(table, where.Bias, frame.Registers, frame.IsReturnAddress, Read) is
                    { Outcome: not UnwindOutcome.NotDescribed } step)
                return step;
            return FrameUnwinder.StepUndescribed(frame.Registers, frame.IsReturnAddress, Read, code.IsCode);
        }

        bool Read(ulong address, Span<byte> buffer)
        {
            if (stack is null)
                return memory.TryRead(address, buffer);
            if (stack.TryRead(address, buffer))
                return true;
            if (stackMapping is not { } mapping || !mapping.Contains(address))
                return memory.TryRead(address, buffer);
            isCut |= stack.IsCut && address >= stack.Start;
            return false;
        }
    }

    private static StackEnd EndOf(UnwindOutcome outcome) => outcome switch
    {
        UnwindOutcome.Outermost => StackEnd.Outermost,
        UnwindOutcome.NotDescribed => StackEnd.NotDescribed,
        _ => StackEnd.Lost,
    };
}
