using Virtap.Binaries;
using Virtap.Binaries.Code;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>
/// Stacks: the thread's registers and the used end of its stack go into the record as they are (<see cref="StackRecord"/>). Whose calls
/// they are, the reader finds out by call frame information, which needs no frame pointers.
/// </summary>
internal sealed partial class HandlerEmitter
{
    private void AppendStack()
    {
        const int pidAbove = 32;
        int registers = RegisterValues.CountOf(_options.Architecture);
        int stackPointer = _options.Architecture == Architecture.Arm64 ? 31 : 7;
        _code.Call(BpfHelper.GetCurrentPidTgid);
        _code.Alu(BpfAluOperator.ShiftRight, BpfRegister.R0, pidAbove);
        AppendLong();
        int lengthAt = _layout.OutputOffset + _itemBytes;
        _itemBytes += sizeof(long);
        for (int number = 0; number < registers; number++)
        {
            if (HasNoRegisters)
                _code.Move(BpfRegister.R0, 0);
            else
                EvaluateRegister(number);
            AppendLong();
        }

        WithTemporary(1, copied =>
        {
            BpfLabel done = _code.NewLabel();
            _code.Store(BpfSize.Double, Context, copied, 0);
            for (int from = 0; from < StackRecord.MaxStack && !HasNoRegisters; from += StackRecord.Step)
            {
                EvaluateRegister(stackPointer);
                _code.Move(BpfRegister.R3, BpfRegister.R0);
                _code.Alu(BpfAluOperator.Add, BpfRegister.R3, from);
                PointToItem(BpfRegister.R1);
                _code.Alu(BpfAluOperator.Add, BpfRegister.R1, _layout.OutputOffset + _itemBytes + from);
                _code.Move(BpfRegister.R2, StackRecord.Step);
                _code.Call(BpfHelper.ProbeReadUser);
                _code.Jump(BpfCondition.NotEqual, BpfRegister.R0, 0, done);
                _code.Store(BpfSize.Double, Context, copied, from + StackRecord.Step);
            }

            _code.Bind(done);
            _code.Load(BpfSize.Double, BpfRegister.R0, Context, copied);
            PointToItem(BpfRegister.R1);
            _code.Move(BpfRegister.R2, BpfRegister.R0);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R2, registers * sizeof(long));
            _code.Store(BpfSize.Double, BpfRegister.R1, lengthAt, BpfRegister.R2);
            _code.Load(BpfSize.Double, BpfRegister.R1, Context, _itemPosition);
            _code.Alu(BpfAluOperator.Add, BpfRegister.R1, BpfRegister.R0);
            _code.Store(BpfSize.Double, Context, _itemPosition, BpfRegister.R1);
        });
    }
}
