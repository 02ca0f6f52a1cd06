using Virtap.Binaries.Code;
using Virtap.Binaries.Dwarf.Entries;
using Virtap.Binaries.Dwarf.Forms;

namespace Virtap.Binaries.Dwarf.Locations;

/// <summary>
/// Runs a location expression (DWARF 5, 2.5 and 2.6) on expressions in place of numbers: what comes out is how the value is computed from
/// a thread's registers and memory. Bounded by the number of operations and by the size of what they make.
/// </summary>
internal sealed class LocationMachine(
    Architecture architecture, DwarfUnit unit, Func<DebugLocation> frameBase, Func<DebugLocation> cfa, IFrameValues? values = null)
{
    private const int MaxOperations = 512, MaxWeight = 256, MaxDepth = 64;
    private const int GeneralRegistersX64 = 17, GeneralRegistersArm64 = 33;
    private const int VectorRegistersX64 = 17, VectorRegistersArm64 = 64, EndOfVectorsX64 = 33, EndOfVectorsArm64 = 96;

    private readonly List<MachineExpression> _stack = [];
    private readonly List<DebugPiece> _pieces = [];

    /// <summary>What the operations since the last piece say of the place; null for an address on the stack.</summary>
    private DebugLocation? _location;
    private string? _failure;

    /// <summary>Runs it.</summary>
    public DebugLocation Run(ReadOnlySpan<byte> expression)
    {
        var reader = new DwarfReader(expression);
        for (int n = 0; !reader.AtEnd && _failure is null; n++)
        {
            if (n == MaxOperations)
                return new NoLocation("its place takes too many operations to compute");
            Step((DwarfOperation)reader.Byte(), ref reader);
            if (_stack.Count > MaxDepth || (_stack.Count > 0 && MachineAlgebra.Weigh(_stack[^1], MaxWeight) >= MaxWeight))
                return new NoLocation("its place takes too many operations to compute");
        }

        if (_failure is { } reason)
            return new NoLocation(reason);
        return _pieces.Count > 0 ? new CompositeLocation([.. _pieces]) : Location() ?? new NoLocation("it is optimized out here");
    }

    private DebugLocation? Location() => _location ?? (_stack.Count > 0 ? new MemoryLocation(_stack[^1]) : null);

    private void Step(DwarfOperation operation, ref DwarfReader reader)
    {
        switch (operation)
        {
            case >= DwarfOperation.Literal0 and < DwarfOperation.Register0:
                Push(operation - DwarfOperation.Literal0);
                break;
            case >= DwarfOperation.Register0 and < DwarfOperation.BaseRegister0:
                _location = InRegister(operation - DwarfOperation.Register0);
                break;
            case DwarfOperation.RegisterNumbered:
                _location = InRegister((int)reader.Unsigned());
                break;
            case >= DwarfOperation.BaseRegister0 and < DwarfOperation.RegisterNumbered:
                Push(MachineAlgebra.Add(Register(operation - DwarfOperation.BaseRegister0), Number(reader.Signed())));
                break;
            case DwarfOperation.BaseRegisterNumbered:
                MachineExpression register = Register((int)reader.Unsigned());
                Push(MachineAlgebra.Add(register, Number(reader.Signed())));
                break;
            case DwarfOperation.FrameBase:
                Push(MachineAlgebra.Add(AddressOf(frameBase()), Number(reader.Signed())));
                break;
            case DwarfOperation.CallFrameCfa:
                Push(AddressOf(cfa()));
                break;
            case DwarfOperation.Piece or DwarfOperation.BitPiece:
                TakePiece(operation, ref reader);
                break;
            case DwarfOperation.StackValue:
                _location = new ValueLocation(Pop());
                break;
            case DwarfOperation.ImplicitValue:
                ReadOnlySpan<byte> bytes = reader.Bytes((int)Math.Min(reader.Unsigned(), int.MaxValue));
                if (bytes.Length > sizeof(ulong))
                    Fail("it is a constant that the program does not hold");
                _location = new ValueLocation(Number((long)new DwarfReader(bytes).Fixed(bytes.Length)));
                break;
            case >= DwarfOperation.Address and <= DwarfOperation.ConstS:
                StepConstant(operation, ref reader);
                break;
            case DwarfOperation.AddressIndex or DwarfOperation.GnuAddressIndex:
                Push(new ImageAddress(unit.AddressAt(reader.Unsigned())));
                break;
            case DwarfOperation.ConstantIndex or DwarfOperation.GnuConstantIndex:
                Push((long)unit.AddressAt(reader.Unsigned()));
                break;
            case >= DwarfOperation.Duplicate and <= DwarfOperation.Rotate:
                StepStack(operation, ref reader);
                break;
            case >= DwarfOperation.Absolute and <= DwarfOperation.NotEqual when operation != DwarfOperation.Branch:
                StepArithmetic(operation, ref reader);
                break;
            case DwarfOperation.Skip:
                reader.Position += (short)reader.Fixed(2);
                break;
            case DwarfOperation.Nop:
                break;
            case DwarfOperation.DereferenceSize:
                Load(reader.Byte(), isSigned: false);
                break;
            case DwarfOperation.ConstantType or DwarfOperation.RegisterType or DwarfOperation.DereferenceType or DwarfOperation.Convert
                or DwarfOperation.Reinterpret or DwarfOperation.GnuConstantType or DwarfOperation.GnuRegisterType
                or DwarfOperation.GnuDereferenceType or DwarfOperation.GnuConvert or DwarfOperation.GnuReinterpret:
                StepTyped(operation, ref reader);
                break;
            case DwarfOperation.EntryValue or DwarfOperation.GnuEntryValue:
                PushEntryValue(reader.Bytes((int)Math.Min(reader.Unsigned(), int.MaxValue)));
                break;
            case DwarfOperation.ImplicitPointer or DwarfOperation.GnuImplicitPointer:
                Fail("it points to something that is optimized out here");
                break;
            case DwarfOperation.FormTlsAddress or DwarfOperation.GnuPushTlsAddress:
                _location = new ThreadLocalLocation(Pop());
                break;
            default:
                Fail($"its place is computed by an operation that is not supported (0x{(int)operation:x2})");
                break;
        }
    }

    private void StepConstant(DwarfOperation operation, ref DwarfReader reader)
    {
        switch (operation)
        {
            case DwarfOperation.Address:
                Push(new ImageAddress(reader.Fixed(unit.Format.AddressSize)));
                break;
            case DwarfOperation.Dereference:
                Load(unit.Format.AddressSize, isSigned: false);
                break;
            case DwarfOperation.Const1U or DwarfOperation.Const2U or DwarfOperation.Const4U or DwarfOperation.Const8U
                or DwarfOperation.Const8S:
                Push((long)reader.Fixed(1 << ((operation - DwarfOperation.Const1U) / 2)));
                break;
            case DwarfOperation.Const1S:
                Push((sbyte)reader.Fixed(1));
                break;
            case DwarfOperation.Const2S:
                Push((short)reader.Fixed(2));
                break;
            case DwarfOperation.Const4S:
                Push((int)reader.Fixed(4));
                break;
            case DwarfOperation.ConstU:
                Push((long)reader.Unsigned());
                break;
            case DwarfOperation.ConstS:
                Push(reader.Signed());
                break;
            default:
                Fail($"its place is computed by an operation that is not known (0x{(int)operation:x2})");
                break;
        }
    }

    private void StepStack(DwarfOperation operation, ref DwarfReader reader)
    {
        int depth = operation switch
        {
            DwarfOperation.Duplicate => 0,
            DwarfOperation.Over => 1,
            DwarfOperation.Pick => reader.Byte(),
            _ => -1,
        };
        MachineExpression top = depth < 0 ? Pop() : Number(0);
        switch (operation)
        {
            case DwarfOperation.Drop:
                break;
            case DwarfOperation.Swap:
                MachineExpression second = Pop();
                Push(top);
                Push(second);
                break;
            case DwarfOperation.Rotate:
                MachineExpression middle = Pop(), third = Pop();
                Push(top);
                Push(third);
                Push(middle);
                break;
            default:
                if (depth < _stack.Count)
                    Push(_stack[^(depth + 1)]);
                else
                    Fail("its place is damaged");
                break;
        }
    }

    private void StepArithmetic(DwarfOperation operation, ref DwarfReader reader)
    {
        MachineExpression right = Pop();
        switch (operation)
        {
            case DwarfOperation.Absolute:
                MachineExpression isNegative = MachineAlgebra.Compare(MachineOperator.LessSigned, right, Number(0));
                Push(MachineAlgebra.Select(isNegative, MachineAlgebra.Subtract(Number(0), right), right));
                return;
            case DwarfOperation.Negate:
                Push(MachineAlgebra.Subtract(Number(0), right));
                return;
            case DwarfOperation.Not:
                Push(MachineAlgebra.Xor(right, Number(-1)));
                return;
            case DwarfOperation.PlusConstant:
                Push(MachineAlgebra.Add(right, Number((long)reader.Unsigned())));
                return;
            case DwarfOperation.Divide or DwarfOperation.Modulo:
                Fail("its place is computed by a division, which is not supported");
                return;
        }

        MachineExpression left = Pop();
        MachineExpression one = Number(1);
        Push(operation switch
        {
            DwarfOperation.And => MachineAlgebra.And(left, right),
            DwarfOperation.Minus => MachineAlgebra.Subtract(left, right),
            DwarfOperation.Multiply => MachineAlgebra.Multiply(left, right),
            DwarfOperation.Or => MachineAlgebra.Or(left, right),
            DwarfOperation.Plus => MachineAlgebra.Add(left, right),
            DwarfOperation.ShiftLeft => MachineAlgebra.ShiftLeft(left, right),
            DwarfOperation.ShiftRight => MachineAlgebra.ShiftRightLogical(left, right),
            DwarfOperation.ShiftRightArithmetic => MachineAlgebra.ShiftRightArithmetic(left, right),
            DwarfOperation.Xor => MachineAlgebra.Xor(left, right),
            DwarfOperation.Equal => MachineAlgebra.Compare(MachineOperator.Equal, left, right),
            DwarfOperation.NotEqual => MachineAlgebra.Compare(MachineOperator.NotEqual, left, right),
            DwarfOperation.Less => MachineAlgebra.Compare(MachineOperator.LessSigned, left, right),
            DwarfOperation.Greater => MachineAlgebra.Compare(MachineOperator.LessSigned, right, left),
            DwarfOperation.LessOrEqual => MachineAlgebra.Xor(MachineAlgebra.Compare(MachineOperator.LessSigned, right, left), one),
            _ => MachineAlgebra.Xor(MachineAlgebra.Compare(MachineOperator.LessSigned, left, right), one),
        });
    }

    /// <summary>Operations on values of a base type, which compilers use for what is narrower than an address.</summary>
    private void StepTyped(DwarfOperation operation, ref DwarfReader reader)
    {
        switch (operation)
        {
            case DwarfOperation.RegisterType or DwarfOperation.GnuRegisterType:
                MachineExpression register = Register((int)reader.Unsigned());
                Push(Widen(register, reader.Unsigned()));
                break;
            case DwarfOperation.ConstantType or DwarfOperation.GnuConstantType:
                ulong type = reader.Unsigned();
                ReadOnlySpan<byte> bytes = reader.Bytes(reader.Byte());
                Push(Widen(Number((long)new DwarfReader(bytes[..Math.Min(bytes.Length, 8)]).Fixed(Math.Min(bytes.Length, 8))), type));
                break;
            case DwarfOperation.DereferenceType or DwarfOperation.GnuDereferenceType:
                Load(reader.Byte(), isSigned: false);
                ulong loaded = reader.Unsigned();
                Push(Widen(Pop(), loaded));
                break;
            default:
                Push(Widen(Pop(), reader.Unsigned()));
                break;
        }
    }

    private MachineExpression Widen(MachineExpression value, ulong type)
    {
        const long signed = 5, signedCharacter = 6, floating = 4;
        if (type == 0)
            return value;
        if (unit.EntryAt((ulong)unit.Offset + type) is not { Tag: DwarfTag.BaseType } entry
            || entry.Find(DwarfAttribute.ByteSize)?.Constant is not long size)
            return Fail("its place is damaged");
        long? encoding = entry.Find(DwarfAttribute.Encoding)?.Constant;
        if (encoding == floating || size is not (1 or 2 or 4 or 8))
            return Fail("its place is computed from values that are no integers of 8 bytes at most");
        return MachineAlgebra.Extend(value, (int)size, encoding is signed or signedCharacter);
    }

    private void Load(int size, bool isSigned)
    {
        MachineExpression address = Pop();
        if (size is 1 or 2 or 4 or 8)
            Push(new LoadValue(address, size, isSigned));
        else
            Fail($"its place is computed by a load of {size} bytes, which is not supported");
    }

    private void TakePiece(DwarfOperation operation, ref DwarfReader reader)
    {
        const int maxPieces = 64, bitsOfByte = 8;
        ulong size = reader.Unsigned();
        if (operation == DwarfOperation.BitPiece)
        {
            if (reader.Unsigned() != 0 || size % bitsOfByte != 0)
                Fail("it lies in pieces that are no whole bytes, which is not supported");
            size /= bitsOfByte;
        }

        if (_pieces.Count == maxPieces)
            Fail("it lies in too many pieces");
        DebugLocation location = Location() ?? new NoLocation("this part of it is optimized out here");
        _pieces.Add(new DebugPiece(location, (long)Math.Min(size, long.MaxValue)));
        _location = null;
        _stack.Clear();
    }

    private MachineExpression Register(int number) =>
        number >= 0 && number < (architecture == Architecture.X64 ? GeneralRegistersX64 : GeneralRegistersArm64)
            ? new RegisterValue(new MachineRegister(architecture, number))
            : Fail("it lies in a register for floating-point numbers or vectors, which a probe cannot read");

    private DebugLocation InRegister(int number)
    {
        (int first, int end) = architecture == Architecture.X64 ? (VectorRegistersX64, EndOfVectorsX64)
            : (VectorRegistersArm64, EndOfVectorsArm64);
        return number >= first && number < end ? new VectorRegisterLocation(number) : new ValueLocation(Register(number));
    }

    /// <summary>What a register held at the entry, which the caller's call site may say.</summary>
    private void PushEntryValue(ReadOnlySpan<byte> expression)
    {
        var inner = new DwarfReader(expression);
        int? register = (DwarfOperation)inner.Byte() switch
        {
            >= DwarfOperation.Register0 and < DwarfOperation.BaseRegister0 and var operation => operation - DwarfOperation.Register0,
            DwarfOperation.RegisterNumbered => (int)inner.Unsigned(),
            _ => null,
        };
        if (register is int number && values?.AtEntry(number) is ulong value)
            Push((long)value);
        else
            Fail("only what it was at its function's entry is known here");
    }

    private MachineExpression AddressOf(DebugLocation place) => place switch
    {
        MemoryLocation memory => memory.Address,
        ValueLocation value => value.Value,
        NoLocation none => Fail(none.Reason),
        _ => Fail("its function's frame lies in pieces"),
    };

    private void Push(long value) => _stack.Add(Number(value));

    private void Push(MachineExpression value) => _stack.Add(value);

    private MachineExpression Pop()
    {
        if (_stack.Count == 0)
            return Fail("its place is damaged");
        MachineExpression top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private MachineExpression Fail(string reason)
    {
        _failure ??= reason;
        return Number(0);
    }

    private static MachineExpression Number(long value) => MachineExpression.Constant(value);
}
