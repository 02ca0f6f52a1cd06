using Virtap.Bpf.Instructions;

namespace Virtap.Bpf.Programs;

public sealed partial class BpfAssembler
{
    private const byte RegisterSource = 0x08;
    private const byte MemoryMode = 0x60;
    private const byte AtomicMode = 0xc0;

    /// <summary>destination = source.</summary>
    public void Move(BpfRegister destination, BpfRegister source) => Alu(BpfAluOperator.Move, destination, source);

    /// <summary>destination = value, sign-extended to 64 bits.</summary>
    public void Move(BpfRegister destination, int value) => Alu(BpfAluOperator.Move, destination, value);

    /// <summary>destination = the address of what the program has on its stack.</summary>
    /// <param name="destination">The register.</param>
    /// <param name="offset">From the stack's end, negative.</param>
    public void PointToStack(BpfRegister destination, int offset)
    {
        Move(destination, BpfRegister.R10);
        Alu(BpfAluOperator.Add, destination, offset);
    }

    /// <summary>destination = any 64-bit value, in one slot where the value allows.</summary>
    public void LoadConstant(BpfRegister destination, long value)
    {
        if (value == (int)value)
            Move(destination, (int)value);
        else
            AddWide(destination, 0, (int)value, (int)(value >> 32));
    }

    /// <summary>64-bit arithmetic with a register.</summary>
    public void Alu(BpfAluOperator operation, BpfRegister destination, BpfRegister source) =>
        Add((byte)((byte)BpfClass.Alu64 | RegisterSource | (byte)operation), destination, (byte)source, 0, 0);

    /// <summary>64-bit arithmetic with a constant, sign-extended.</summary>
    public void Alu(BpfAluOperator operation, BpfRegister destination, int value) =>
        Add((byte)((byte)BpfClass.Alu64 | (byte)operation), destination, 0, 0, value);

    /// <summary>32-bit arithmetic with a register; the upper half of the result is zero.</summary>
    public void Alu32(BpfAluOperator operation, BpfRegister destination, BpfRegister source) =>
        Add((byte)((byte)BpfClass.Alu32 | RegisterSource | (byte)operation), destination, (byte)source, 0, 0);

    /// <summary>32-bit arithmetic with a constant; the upper half of the result is zero.</summary>
    public void Alu32(BpfAluOperator operation, BpfRegister destination, int value) =>
        Add((byte)((byte)BpfClass.Alu32 | (byte)operation), destination, 0, 0, value);

    /// <summary>destination = -destination.</summary>
    public void Negate(BpfRegister destination) => Alu(BpfAluOperator.Negate, destination, 0);

    /// <summary>Converts between the processor's byte order and big endian; the result is zero-extended.</summary>
    /// <param name="destination">The register.</param>
    /// <param name="bits">16, 32 or 64.</param>
    public void ToBigEndian(BpfRegister destination, int bits) =>
        Add((byte)((byte)BpfClass.Alu32 | RegisterSource | (byte)BpfAluOperator.ByteOrder), destination, 0, 0, bits);

    /// <summary>destination = *(address + offset), zero-extended.</summary>
    public void Load(BpfSize size, BpfRegister destination, BpfRegister address, int offset) =>
        Add((byte)((byte)BpfClass.LoadMemory | MemoryMode | (byte)size), destination, (byte)address, offset, 0);

    /// <summary>*(address + offset) = source.</summary>
    public void Store(BpfSize size, BpfRegister address, int offset, BpfRegister source) =>
        Add((byte)((byte)BpfClass.StoreRegister | MemoryMode | (byte)size), address, (byte)source, offset, 0);

    /// <summary>*(address + offset) = value, sign-extended to eight bytes where the size is eight.</summary>
    public void Store(BpfSize size, BpfRegister address, int offset, int value) =>
        Add((byte)((byte)BpfClass.Store | MemoryMode | (byte)size), address, 0, offset, value);

    /// <summary>An atomic operation on *(address + offset), on eight bytes or four.</summary>
    public void Atomic(BpfAtomic operation, BpfRegister address, int offset, BpfRegister source, BpfSize size = BpfSize.Double)
    {
        if (size is not (BpfSize.Double or BpfSize.Word))
            throw new BpfAssemblyException($"an atomic operation in '{_name}' is on four or eight bytes");
        Add((byte)((byte)BpfClass.StoreRegister | AtomicMode | (byte)size), address, (byte)source, offset, (int)operation);
    }

    /// <summary>destination = the map, for helpers that take one.</summary>
    public void LoadMap(BpfRegister destination, string map) => AddWide(destination, BpfInstruction.PseudoMapFd, 0, 0, map: map);

    /// <summary>destination = the address of a byte in an array map's first value (5.2).</summary>
    /// <param name="destination">The register.</param>
    /// <param name="map">The map's name.</param>
    /// <param name="offset">Bytes; the kernel refuses offsets of 512 MB and more, or beyond the value.</param>
    public void LoadMapValue(BpfRegister destination, string map, uint offset = 0) =>
        AddWide(destination, BpfInstruction.PseudoMapValue, 0, (int)offset, map: map);

    /// <summary>destination = the address of a static subprogram, for helpers that call back (5.13).</summary>
    public void LoadFunction(BpfRegister destination, string subprogram) =>
        AddWide(destination, BpfInstruction.PseudoFunction, 0, 0, function: subprogram);

    /// <summary>Calls a helper.</summary>
    public void Call(BpfHelper helper) => Add(BpfInstruction.CallOpcode, BpfRegister.R0, 0, 0, (int)helper);

    /// <summary>Calls a subprogram; R6-R9 are kept, its stack is its own.</summary>
    public void CallFunction(string subprogram) => Add(new Item
    {
        Instruction = new BpfInstruction(BpfInstruction.CallOpcode, BpfRegister.R0, BpfInstruction.PseudoCall, 0, 0),
        Function = subprogram,
    });

    /// <summary>Calls a function of the kernel by name (kfunc).</summary>
    public void CallKernel(string function) => Add(new Item
    {
        Instruction = new BpfInstruction(BpfInstruction.CallOpcode, BpfRegister.R0, BpfInstruction.PseudoKernelCall, 0, 0),
        KernelFunction = function,
    });

    /// <summary>Adds to a register that points to a structure of the kernel where a member lies in it.</summary>
    /// <param name="pointer">The register.</param>
    /// <param name="structure">The structure's tag, such as <c>task_struct</c>.</param>
    /// <param name="member">The member, such as <c>real_parent</c>.</param>
    public void AddMemberOffset(BpfRegister pointer, string structure, string member) =>
        AddMember(pointer, structure, member, isSize: false);

    /// <summary>
    /// Copies a member of a structure of the kernel to the stack; what cannot be read becomes zeros. R0 to R5 are lost.
    /// </summary>
    /// <param name="from">Where the structure lies; R1 and R2 are not kept until it is asked.</param>
    /// <param name="structure">Its tag.</param>
    /// <param name="member">The member.</param>
    /// <param name="stack">Where it goes, from the stack's end: a negative number.</param>
    /// <param name="bytes">How many bytes of it.</param>
    public void CopyMember(BpfRegister from, string structure, string member, int stack, int bytes)
    {
        if (from != BpfRegister.R3)
            Move(BpfRegister.R3, from);
        AddMemberOffset(BpfRegister.R3, structure, member);
        PointToStack(BpfRegister.R1, stack);
        Move(BpfRegister.R2, bytes);
        Call(BpfHelper.ProbeReadKernel);
    }

    /// <summary>Adds to a register the bytes that a member of a structure of the kernel takes.</summary>
    /// <inheritdoc cref="AddMemberOffset"/>
    public void AddMemberSize(BpfRegister pointer, string structure, string member) => AddMember(pointer, structure, member, isSize: true);

    private void AddMember(BpfRegister pointer, string structure, string member, bool isSize) => Add(new Item
    {
        Instruction = new BpfInstruction((byte)BpfClass.Alu64 | (byte)BpfAluOperator.Add, pointer, 0, 0, 0),
        KernelMember = (structure, member, isSize),
    });

    /// <summary>Jumps always.</summary>
    public void Jump(BpfLabel target) => Add(BpfInstruction.JumpOpcode, BpfRegister.R0, 0, 0, 0, target.Id);

    /// <summary>
    /// Jumps always, with a 32-bit distance even where 16 bits would do (6.6). <see cref="Jump(BpfLabel)"/> chooses by itself.
    /// </summary>
    public void JumpLong(BpfLabel target) => Add(new Item
    {
        Instruction = new BpfInstruction(BpfInstruction.JumpOpcode, BpfRegister.R0, 0, 0, 0),
        Label = target.Id,
        Far = true,
    });

    /// <summary>Jumps if the 64-bit comparison with a register holds.</summary>
    public void Jump(BpfCondition condition, BpfRegister left, BpfRegister right, BpfLabel target) =>
        Add((byte)((byte)BpfClass.Jump | RegisterSource | (byte)condition), left, (byte)right, 0, 0, target.Id);

    /// <summary>Jumps if the 64-bit comparison with a constant, sign-extended, holds.</summary>
    public void Jump(BpfCondition condition, BpfRegister left, int right, BpfLabel target) =>
        Add((byte)((byte)BpfClass.Jump | (byte)condition), left, 0, 0, right, target.Id);

    /// <summary>Jumps if the comparison of the lower halves holds.</summary>
    public void Jump32(BpfCondition condition, BpfRegister left, BpfRegister right, BpfLabel target) =>
        Add((byte)((byte)BpfClass.Jump32 | RegisterSource | (byte)condition), left, (byte)right, 0, 0, target.Id);

    /// <summary>Jumps if the comparison of the lower half with a constant holds.</summary>
    public void Jump32(BpfCondition condition, BpfRegister left, int right, BpfLabel target) =>
        Add((byte)((byte)BpfClass.Jump32 | (byte)condition), left, 0, 0, right, target.Id);

    /// <summary>Returns R0 from the function.</summary>
    public void Exit() => Add(BpfInstruction.ExitOpcode, BpfRegister.R0, 0, 0, 0);

    private void AddWide(BpfRegister destination, byte source, int lower, int upper, string? map = null, string? function = null) =>
        Add(new Item
    {
        Instruction = new BpfInstruction(BpfInstruction.LoadConstantOpcode, destination, source, 0, lower),
        Upper = upper,
        Map = map,
        Function = function,
    });
}
