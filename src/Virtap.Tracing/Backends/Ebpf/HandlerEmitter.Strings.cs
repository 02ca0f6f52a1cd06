using System.Text;
using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Language.Binding.Tree;
using Virtap.Language.Formats;
using Virtap.Language.Library;
using Virtap.Tracing.Backends.Ebpf.Emission;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>String expressions: the memory offset of the string ends in R0; R1-R5 are lost.</summary>
internal sealed partial class HandlerEmitter
{
    /// <summary>Bytes of a thread's name in the kernel (TASK_COMM_LEN).</summary>
    private const int ThreadNameBytes = 16;

    private void EvaluateString(StringExpression expression)
    {
        switch (expression)
        {
            case StringLiteral literal: _code.Move(BpfRegister.R0, literal.Offset); break;
            case StringAt at: EvaluateLocationOffset(at.Location); break;
            case StringConditional conditional: EvaluateStringConditional(conditional); break;
            case StringConcat concat: EvaluateConcat(concat); break;
            case StringFormat format: EvaluateFormat(format); break;
            case Substring substring: EvaluateSubstring(substring); break;
            case ThreadName name: EvaluateThreadName(name); break;
            case TargetString target: EvaluateTargetString(target); break;
            case SiteString site: EvaluateSiteString(site); break;
            case TableText text: EvaluateTableWord(text.Offset); break;
            case ErrorText error: EvaluateErrorText(error.Into); break;
            default: throw new NotEmittableException($"{expression.GetType().Name} has no form in eBPF yet");
        }
    }

    private void EvaluateLocationOffset(Location location)
    {
        switch (location)
        {
            case ContextSlot slot: OffsetOfSlot(BpfRegister.R0, slot.Offset); break;
            case GlobalSlot global: _code.Move(BpfRegister.R0, global.Offset); break;
            case EntryField entry:
                Evaluate(entry.Entry);
                _code.Alu(BpfAluOperator.Add, BpfRegister.R0, entry.Offset);
                break;
        }
    }

    /// <summary>destination = memory offset of a slot of this context.</summary>
    private void OffsetOfSlot(BpfRegister destination, int slot)
    {
        _code.Move(destination, ContextOffset);
        _code.Alu(BpfAluOperator.Add, destination, slot);
    }

    private void EvaluateStringConditional(StringConditional conditional) => EmitEither(
        conditional.Condition, () => EvaluateString(conditional.WhenTrue), () => EvaluateString(conditional.WhenFalse));

    private void EvaluateConcat(StringConcat concat)
    {
        WithTemporary(2, words =>
        {
            EvaluateString(concat.Left);
            _code.Store(BpfSize.Double, Context, words, BpfRegister.R0);
            EvaluateString(concat.Right);
            _code.Store(BpfSize.Double, Context, words + 8, BpfRegister.R0);
            OffsetOfSlot(BpfRegister.R1, concat.Into.Offset);
            _code.Load(BpfSize.Double, BpfRegister.R2, Context, words);
            _routines.Call(Routine.CopyString);
            OffsetOfSlot(BpfRegister.R1, concat.Into.Offset);
            _code.Move(BpfRegister.R2, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R3, Context, words + 8);
            _code.Move(BpfRegister.R4, -1);
            _routines.Call(Routine.AppendText);
        });
        OffsetOfSlot(BpfRegister.R0, concat.Into.Offset);
    }

    private void EvaluateSubstring(Substring substring)
    {
        WithTemporary(2, words =>
        {
            EvaluateString(substring.Operand);
            _code.Store(BpfSize.Double, Context, words, BpfRegister.R0);
            Evaluate(substring.Start);
            _code.Store(BpfSize.Double, Context, words + 8, BpfRegister.R0);
            Evaluate(substring.Length);
            _code.Move(BpfRegister.R4, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R2, Context, words);
            _code.Load(BpfSize.Double, BpfRegister.R3, Context, words + 8);
        });
        OffsetOfSlot(BpfRegister.R1, substring.Into.Offset);
        _routines.Call(Routine.Substring);
        OffsetOfSlot(BpfRegister.R0, substring.Into.Offset);
    }

    private void EvaluateThreadName(ThreadName name)
    {
        if (name.OfParent)
        {
            LoadParent();
            _code.Move(BpfRegister.R3, BpfRegister.R0);
        }

        PointToSlot(BpfRegister.R1, name.Into.Offset);
        _code.Move(BpfRegister.R2, 0);
        for (int at = 0; at <= ThreadNameBytes; at += 8)
            _code.Store(BpfSize.Double, BpfRegister.R1, at, BpfRegister.R2);
        _code.Move(BpfRegister.R2, ThreadNameBytes);
        if (name.OfParent)
        {
            _code.AddMemberOffset(BpfRegister.R3, TaskStructure, "comm");
            _code.Call(BpfHelper.ProbeReadKernel);
        }
        else
        {
            _code.Call(BpfHelper.GetCurrentComm);
        }

        OffsetOfSlot(BpfRegister.R0, name.Into.Offset);
    }

    private void EvaluateTargetString(TargetString target) => WithTemporary(1, address =>
    {
        void LoadAddress() => _code.Load(BpfSize.Double, BpfRegister.R0, Context, address);
        BpfLabel fault = RaiseCold(RuntimeError.ReadFault, target.Site, LoadAddress);
        Evaluate(target.Address);
        _code.Store(BpfSize.Double, Context, address, BpfRegister.R0);
        _code.Move(BpfRegister.R3, BpfRegister.R0);
        PointToSlot(BpfRegister.R1, target.Into.Offset);
        _code.Move(BpfRegister.R2, _layout.MaxStringLength);
        _code.Call(target.Space == MemorySpace.Kernel ? BpfHelper.ProbeReadKernelStr : BpfHelper.ProbeReadUserStr);
        _code.Jump(BpfCondition.SignedLessOrEqual, BpfRegister.R0, 0, fault);
        PointToSlot(BpfRegister.R1, target.Into.Offset);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R1, BpfRegister.R0);
        _code.Move(BpfRegister.R2, 0);
        _code.Store(BpfSize.Double, BpfRegister.R1, -1, BpfRegister.R2);
        OffsetOfSlot(BpfRegister.R0, target.Into.Offset);
    });

    private void EvaluateSiteString(SiteString site)
    {
        int last = Math.Max(_handler.Targets.Count - 1, 0);
        int mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)last + 1) - 1;
        _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.Site);
        _code.Alu(BpfAluOperator.And, BpfRegister.R1, mask);
        _code.Alu(BpfAluOperator.Multiply, BpfRegister.R1, 8);
        _code.LoadMapValue(BpfRegister.R2, EmitNames.Memory, (uint)site.TableOffset);
        _code.Alu(BpfAluOperator.Add, BpfRegister.R2, BpfRegister.R1);
        _code.Load(BpfSize.Double, BpfRegister.R0, BpfRegister.R2, 0);
    }

    /// <summary>As long as the words of a dump that is too long can be, whatever the number in them.</summary>
    private const int LongestDumpText = 64;

    private void EvaluateErrorText(ContextSlot into)
    {
        _code.Move(BpfRegister.R1, ContextOffset);
        OffsetOfSlot(BpfRegister.R2, into.Offset);
        _routines.Call(ErrorWords);
        OffsetOfSlot(BpfRegister.R0, into.Offset);
    }

    /// <summary>Writes the words of the error being caught, without its place, to offset R2; R1 = the context's offset.</summary>
    private Routine ErrorWords => new("error_words", 2, _ => EmitErrorWords(into: BpfRegister.R9));

    private void EmitErrorWords(BpfRegister into)
    {
        BpfLabel done = _code.NewLabel();
        _code.Move(into, BpfRegister.R2);
        EmitContext(BpfRegister.R1);
        foreach (RuntimeError error in Enum.GetValues<RuntimeError>())
        {
            if (error is RuntimeError.None or RuntimeError.Raised)
                continue;
            BpfLabel other = _code.NewLabel();
            _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.Error);
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, (int)error, other);
            if (error == RuntimeError.ReadFault)
            {
                StoreLiteral(into, RuntimeErrorText.ReadFaultAt);
                long address = NumberFormat.Pack(16, FormatFlags.Alternate, isSigned: false, isUpper: false, width: 0, precision: -1);
                AppendErrorValue(into, RuntimeErrorText.ReadFaultAt.Length, address);
            }
            else if (error == RuntimeError.DumpTooLong)
            {
                StoreDumpText(into);
            }
            else if (error == RuntimeError.ArrayOverflow)
            {
                StoreOverflowText(into);
            }
            else
            {
                StoreLiteral(into, RuntimeErrorText.Of(error, 0));
            }

            _code.Jump(done);
            _code.Bind(other);
        }

        _code.Move(BpfRegister.R1, into);
        OffsetOfSlot(BpfRegister.R2, ContextCells.ErrorText);
        _routines.Call(Routine.CopyString);
        _code.Bind(done);
        _routines.Return(0);
    }

    /// <summary>The words for a dump that is too long; without the number where strings are too short for it.</summary>
    private void StoreDumpText(BpfRegister into)
    {
        if (_layout.MaxStringLength > LongestDumpText)
        {
            StoreLiteral(into, "");
            long number = NumberFormat.Pack(10, FormatFlags.None, isSigned: true, isUpper: false, width: 0, precision: -1);
            AppendErrorValue(into, 0, number);
            _code.Alu(BpfAluOperator.Add, into, BpfRegister.R0);
        }

        StoreLiteral(into, RuntimeErrorText.TooLongForDump);
    }

    /// <summary>The words for a full array: those of whichever declared size the error's value is.</summary>
    private void StoreOverflowText(BpfRegister into)
    {
        BpfLabel done = _code.NewLabel();
        IEnumerable<ArrayLayout> declared = _layout.Arrays.Where(static array => array.HasDeclaredSize);
        foreach (int limit in declared.Select(static array => array.SizeLimit).Distinct())
        {
            BpfLabel other = _code.NewLabel();
            _code.Load(BpfSize.Double, BpfRegister.R1, Context, ContextCells.ErrorValue);
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R1, limit, other);
            StoreLiteral(into, RuntimeErrorText.Of(RuntimeError.ArrayOverflow, limit));
            _code.Jump(done);
            _code.Bind(other);
        }

        StoreLiteral(into, RuntimeErrorText.Of(RuntimeError.ArrayOverflow, 0));
        _code.Bind(done);
    }

    /// <summary>Writes a literal, cut at MAXSTRINGLEN, as 64-bit constants.</summary>
    private void StoreLiteral(BpfRegister into, string text)
    {
        byte[] padded = new byte[_layout.StringBytes];
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        int length = Math.Min(bytes.Length, _layout.MaxStringLength - 1);
        bytes.AsSpan(0, length).CopyTo(padded);
        _code.Move(BpfRegister.R2, into);
        EmitPointer(BpfRegister.R1, BpfRegister.R2);
        for (int at = 0; at < length + 8; at += 8)
        {
            _code.LoadConstant(BpfRegister.R2, BitConverter.ToInt64(padded, at));
            _code.Store(BpfSize.Double, BpfRegister.R1, at, BpfRegister.R2);
        }
    }

    /// <summary>Appends the value of the error being caught to a text of a length; R0 = the new length.</summary>
    private void AppendErrorValue(BpfRegister into, int length, long format)
    {
        _code.Load(BpfSize.Double, BpfRegister.R4, Context, ContextCells.ErrorValue);
        _code.Move(BpfRegister.R1, ContextOffset);
        _code.Move(BpfRegister.R2, into);
        _code.Move(BpfRegister.R3, Math.Min(length, _layout.MaxStringLength - 1));
        _code.LoadConstant(BpfRegister.R5, format);
        _routines.Call(Routine.AppendNumber);
    }
}
