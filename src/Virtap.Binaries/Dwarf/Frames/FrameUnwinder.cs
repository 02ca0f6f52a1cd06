using Virtap.Binaries.Code;

namespace Virtap.Binaries.Dwarf.Frames;

/// <summary>How the way from a frame to its caller ended.</summary>
public enum UnwindOutcome
{
    /// <summary>The caller's registers are known.</summary>
    Caller,

    /// <summary>It has no caller: the frame information says so, or the return address is 0.</summary>
    Outermost,

    /// <summary>Nothing describes the code.</summary>
    NotDescribed,

    /// <summary>It is described, and yet the caller cannot be found: the stack is damaged, or was not all read.</summary>
    Lost,
}

/// <summary>A step from a frame to its caller.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Caller">The caller's registers, as far as they are known.</param>
/// <param name="IsSignalFrame">
/// Whether the caller did not call but was interrupted by a signal: its instruction pointer is at the instruction that it would run next,
/// and behind no call.
/// </param>
public readonly record struct UnwindStep(UnwindOutcome Outcome, RegisterValues? Caller = null, bool IsSignalFrame = false);

/// <summary>From a frame to its caller.</summary>
public static class FrameUnwinder
{
    // Bits of an address on aarch64 that pointer authentication may use, for those of user space.
    private const ulong Arm64AddressBits = (1ul << 48) - 1;

    /// <summary>By call frame information.</summary>
    /// <param name="frames">Of the file that holds the code.</param>
    /// <param name="bias">How far that file is moved in memory.</param>
    /// <param name="registers">What the frame has in its registers.</param>
    /// <param name="isReturnAddress">
    /// Whether the instruction pointer stands behind a call: the place that is meant is the call, since the function may end with it.
    /// </param>
    /// <param name="memory">The target's memory.</param>
    public static UnwindStep Step(CallFrames frames, ulong bias, RegisterValues registers, bool isReturnAddress, MemoryReader memory)
    {
        ulong place = registers.InstructionPointer - bias - (isReturnAddress ? 1ul : 0);
        if (frames.RowAt(place) is not { } row)
            return new UnwindStep(UnwindOutcome.NotDescribed);
        if (!row.Cfa.IsKnown || FrameAddress(row.Cfa, registers, memory) is not ulong frame)
            return new UnwindStep(UnwindOutcome.Lost);
        if (row[row.ReturnRegister].Kind == RegisterRuleKind.Undefined)
            return new UnwindStep(UnwindOutcome.Outermost);
        RegisterValues caller = registers.Copy();
        for (int register = 0; register < registers.Count; register++)
        {
            if (row[register].Kind is not (RegisterRuleKind.Unspecified or RegisterRuleKind.SameValue))
                caller[register] = ValueOf(row[register], frame, registers, memory);
        }

        if (row[registers.StackPointerNumber].Kind is RegisterRuleKind.Unspecified)
            caller[registers.StackPointerNumber] = frame;
        return Finish(registers, caller, caller[row.ReturnRegister], row.IsSignalFrame);
    }

    /// <summary>Where the caller's registers lie that a frame has saved, by their DWARF numbers; empty where nobody says.</summary>
    public static IReadOnlyList<(int Register, ulong Address)> SavedRegisters(
        CallFrames frames, ulong bias, RegisterValues registers, bool isReturnAddress, MemoryReader memory)
    {
        ulong place = registers.InstructionPointer - bias - (isReturnAddress ? 1ul : 0);
        if (frames.RowAt(place) is not { } row || !row.Cfa.IsKnown || FrameAddress(row.Cfa, registers, memory) is not ulong frame)
            return [];
        return [.. Enumerable.Range(0, registers.Count).Where(number => row[number].Kind == RegisterRuleKind.Saved)
            .Select(number => (number, frame + (ulong)row[number].Number))];
    }

    /// <summary>
    /// By the conventions that hold without a description: what the kernel lays down for a signal's handler; the return address where code
    /// has just been called; and the frame pointer, if the code keeps one.
    /// </summary>
    /// <param name="registers">What the frame has in its registers.</param>
    /// <param name="isReturnAddress">As for <see cref="Step"/>.</param>
    /// <param name="memory">The target's memory.</param>
    /// <param name="isCode">Whether there is code at an address.</param>
    public static UnwindStep StepUndescribed(RegisterValues registers, bool isReturnAddress, MemoryReader memory, Func<ulong, bool> isCode)
    {
        if (SignalTrampoline.Interrupted(registers, memory) is { } interrupted)
            return Finish(registers, interrupted, interrupted[registers.InstructionPointerNumber], isSignal: true);
        if (!isReturnAddress && CalledJustNow(registers, memory) is { } called && isCode(called.InstructionPointer))
            return new UnwindStep(UnwindOutcome.Caller, called);
        // Both processors' frame records are alike: what the caller had as frame pointer, and the return address.
        Span<byte> record = stackalloc byte[16];
        if (registers[registers.FramePointerNumber] is not ulong pointer || pointer < registers.StackPointer || (pointer & 7) != 0
            || !memory(pointer, record))
            return new UnwindStep(UnwindOutcome.NotDescribed);
        ulong returns = Plain(registers, BitConverter.ToUInt64(record[8..]));
        if (!isCode(returns))
            return new UnwindStep(UnwindOutcome.NotDescribed);
        var caller = new RegisterValues(registers.Architecture)
        {
            [registers.FramePointerNumber] = BitConverter.ToUInt64(record),
            [registers.StackPointerNumber] = pointer + 16,
        };
        return Finish(registers, caller, returns, isSignal: false);
    }

    private static UnwindStep Finish(RegisterValues registers, RegisterValues caller, ulong? returns, bool isSignal)
    {
        if (returns is not ulong address || caller[caller.StackPointerNumber] is not ulong stack)
            return new UnwindStep(UnwindOutcome.Lost);
        if (address == 0)
            return new UnwindStep(UnwindOutcome.Outermost);
        caller[caller.InstructionPointerNumber] = Plain(caller, address);

        // Stacks grow downward; a signal's handler may run on one of its own.
        bool isSame = stack == registers.StackPointer && caller.InstructionPointer == registers.InstructionPointer;
        return isSame || (stack < registers.StackPointer && !isSignal)
            ? new UnwindStep(UnwindOutcome.Lost) : new UnwindStep(UnwindOutcome.Caller, caller, isSignal);
    }

    /// <summary>The caller of code that has not yet put anything on the stack, by the instruction that it stands at.</summary>
    private static RegisterValues? CalledJustNow(RegisterValues registers, MemoryReader memory)
    {
        RegisterValues caller = registers.Copy();
        if (registers.Architecture == Architecture.Arm64)
        {
            // The link register, unless the frame record has the same: then it is the frame's own caller's.
            Span<byte> saved = stackalloc byte[8];
            if (registers[30] is not ulong link
                || (registers[29] is ulong frame && memory(frame + 8, saved) && BitConverter.ToUInt64(saved) == link))
                return null;
            caller[registers.InstructionPointerNumber] = Plain(registers, link);
            return caller;
        }

        Span<byte> code = stackalloc byte[4];
        Span<byte> top = stackalloc byte[8];
        if (!memory(registers.InstructionPointer, code))
            return null;
        // endbr64; push %rbp; ret; jmp (an entry of a procedure linkage table): the return address is on top. mov %rsp,%rbp: below rbp.
        bool isOnTop = code is [0xf3, 0x0f, 0x1e, 0xfa] or [0x55 or 0xc3, ..] or [0xff, 0x25, ..] or [0xf2, 0xff, 0x25, _];
        int below = isOnTop ? 0 : code is [0x48, 0x89, 0xe5, _] ? 8 : -1;
        if (below < 0 || !memory(registers.StackPointer + (ulong)below, top))
            return null;
        caller[registers.InstructionPointerNumber] = BitConverter.ToUInt64(top);
        if (below > 0)
            caller[registers.FramePointerNumber] = memory(registers.StackPointer, top) ? BitConverter.ToUInt64(top) : null;
        caller[registers.StackPointerNumber] = registers.StackPointer + (ulong)below + 8;
        return caller;
    }

    private static ulong? FrameAddress(CfaRule rule, RegisterValues registers, MemoryReader memory) => rule.Register >= 0
        ? registers[rule.Register] + (ulong)rule.Offset
        : new FrameExpression(registers, memory).Run(rule.Expression.Span, null);

    private static ulong? ValueOf(in RegisterRule rule, ulong frame, RegisterValues registers, MemoryReader memory) => rule.Kind switch
    {
        RegisterRuleKind.Saved => Load(memory, frame + (ulong)rule.Number),
        RegisterRuleKind.ValueOffset => frame + (ulong)rule.Number,
        RegisterRuleKind.Register => registers[(int)rule.Number],
        RegisterRuleKind.Expression => new FrameExpression(registers, memory).Run(rule.Bytes.Span, frame) is ulong address
            ? Load(memory, address) : null,
        RegisterRuleKind.ValueExpression => new FrameExpression(registers, memory).Run(rule.Bytes.Span, frame),
        _ => null,
    };

    private static ulong? Load(MemoryReader memory, ulong address)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        return memory(address, bytes) ? BitConverter.ToUInt64(bytes) : null;
    }

    private static ulong Plain(RegisterValues registers, ulong address) =>
        registers.Architecture == Architecture.Arm64 ? address & Arm64AddressBits : address;
}
