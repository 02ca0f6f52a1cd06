namespace Virtap.Virtio.Layouts.Code;

/// <summary>Registers and the stack's slots at a place of a path; null is unknown.</summary>
internal sealed class CodeState
{
    private readonly LinearForm?[] _registers;
    private readonly Dictionary<long, LinearForm?> _slots;

    private CodeState(LinearForm?[] registers, Dictionary<long, LinearForm?> slots)
    {
        _registers = registers;
        _slots = slots;
    }

    /// <summary>A register by the number that instructions encode it with.</summary>
    public LinearForm? this[int register]
    {
        get => _registers[register];
        set => _registers[register] = value;
    }

    /// <summary>The state on entry to a function.</summary>
    /// <param name="arguments">The registers that arguments are passed in.</param>
    /// <param name="stackPointer">The stack pointer's register.</param>
    public static CodeState Entry(ReadOnlySpan<int> arguments, int stackPointer)
    {
        var registers = new LinearForm?[32];
        for (int n = 0; n < arguments.Length; n++)
            registers[arguments[n]] = LinearForm.Of(new LinearTerm.Argument(n));
        registers[stackPointer] = LinearForm.Of(new LinearTerm.Stack());
        return new CodeState(registers, []);
    }

    public CodeState Copy() => new((LinearForm?[])_registers.Clone(), new Dictionary<long, LinearForm?>(_slots));

    /// <summary>Loads from memory; from the stack, what was stored there.</summary>
    public LinearForm? Load(LinearForm? address, int size, CodeFacts facts)
    {
        if (address is null)
            return null;
        if (StackSlot(address) is { } slot)
            return size == 8 ? _slots.GetValueOrDefault(slot) : null;
        var load = new LinearTerm.Load(address, size);
        facts.Loads.Add(load);
        return LinearForm.Of(load);
    }

    /// <summary>Stores to memory or to the stack.</summary>
    public void Store(LinearForm? address, int size, LinearForm? value, CodeFacts facts)
    {
        if (address is null)
            return;
        if (StackSlot(address) is { } slot)
            _slots[slot] = value;
        else
            facts.Stores.Add((address, size, value));
    }

    private static long? StackSlot(LinearForm address) => address.Terms is [(LinearTerm.Stack, 1)] ? address.Constant : null;
}
