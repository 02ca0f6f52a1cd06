using Virtap.Bpf.Instructions;
using Virtap.Bpf.Programs;
using Virtap.Tracing.Backends.Ebpf.Routines;
using Virtap.Tracing.Ir;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Backends.Ebpf;

/// <summary>Conditions become jumps; only where a script uses a truth as a number is it made one.</summary>
internal sealed partial class HandlerEmitter
{
    /// <summary>Literals up to this many bytes are compared word by word in line.</summary>
    private const int InlineLiteralBytes = 63;

    /// <summary>Goes to the target if the condition is as asked, else falls through.</summary>
    private void Branch(LongExpression condition, BpfLabel target, bool when)
    {
        switch (condition)
        {
            case LongConstant constant:
                if (constant.Value != 0 == when)
                    _code.Jump(target);
                break;
            case LongUnary { Operator: LongUnaryOperator.LogicalNot } not:
                Branch(not.Operand, target, !when);
                break;
            case LongLogical logical when logical.IsAnd != when:
                // One side settles it: "and" when false, "or" when true.
                Branch(logical.Left, target, when);
                Branch(logical.Right, target, when);
                break;
            case LongLogical logical:
                BpfLabel settled = _code.NewLabel();
                Branch(logical.Left, settled, !when);
                Branch(logical.Right, target, when);
                _code.Bind(settled);
                break;
            case LongBinary { Operator: >= LongOperator.Equal } comparison:
                BranchOnLongs(comparison, target, when);
                break;
            case TextComparison comparison:
                BranchOnStrings(comparison, target, when);
                break;
            default:
                Evaluate(condition);
                _code.Jump(when ? BpfCondition.NotEqual : BpfCondition.Equal, BpfRegister.R0, 0, target);
                break;
        }
    }

    private void EvaluateTruth(LongExpression condition)
    {
        BpfLabel isTrue = _code.NewLabel(), done = _code.NewLabel();
        Branch(condition, isTrue, when: true);
        _code.Move(BpfRegister.R0, 0);
        _code.Jump(done);
        _code.Bind(isTrue);
        _code.Move(BpfRegister.R0, 1);
        _code.Bind(done);
    }

    private void BranchOnLongs(LongBinary comparison, BpfLabel target, bool when)
    {
        BpfCondition condition = Condition(comparison.Operator, when);
        if (comparison.Right is LongConstant { Value: >= int.MinValue and <= int.MaxValue } constant)
        {
            Evaluate(comparison.Left);
            _code.Jump(condition, BpfRegister.R0, (int)constant.Value, target);
            return;
        }

        EvaluatePair(comparison.Left, comparison.Right);
        _code.Jump(condition, BpfRegister.R0, BpfRegister.R1, target);
    }

    private void BranchOnStrings(TextComparison comparison, BpfLabel target, bool when)
    {
        if (comparison.Operator is LongOperator.Equal or LongOperator.NotEqual && TryBranchOnLiteral(comparison, target, when))
            return;
        WithTemporary(1, left =>
        {
            EvaluateString(comparison.Left);
            _code.Store(BpfSize.Double, Context, left, BpfRegister.R0);
            EvaluateString(comparison.Right);
            _code.Move(BpfRegister.R2, BpfRegister.R0);
            _code.Load(BpfSize.Double, BpfRegister.R1, Context, left);
        });
        _routines.Call(Routine.CompareStrings);
        _code.Jump(Condition(comparison.Operator, when), BpfRegister.R0, 0, target);
    }

    /// <summary>
    /// Compares with a short literal as so many 64-bit constants. A string has zeros to the end of the word of its terminating zero, so
    /// whole words are equal if and only if the strings are.
    /// </summary>
    private bool TryBranchOnLiteral(TextComparison comparison, BpfLabel target, bool when)
    {
        (StringExpression other, StringExpression side) = comparison.Right is StringLiteral
            ? (comparison.Left, comparison.Right)
            : (comparison.Right, comparison.Left);
        if (side is not StringLiteral { Text: var text })
            return false;
        ReadOnlySpan<byte> literal = MemoryLayout.ContentOf(text, _layout.MaxStringLength);
        if (literal.Length > InlineLiteralBytes)
            return false;
        bool whenEqual = comparison.Operator == LongOperator.Equal == when;
        BpfLabel differ = whenEqual ? _code.NewLabel() : target;
        EvaluateString(other);
        EmitPointer(BpfRegister.R1, BpfRegister.R0);
        byte[] padded = new byte[(literal.Length / 8 + 1) * 8];
        literal.CopyTo(padded);
        for (int at = 0; at < padded.Length; at += 8)
        {
            _code.Load(BpfSize.Double, BpfRegister.R2, BpfRegister.R1, at);
            _code.LoadConstant(BpfRegister.R3, BitConverter.ToInt64(padded, at));
            _code.Jump(BpfCondition.NotEqual, BpfRegister.R2, BpfRegister.R3, differ);
        }

        if (whenEqual)
        {
            _code.Jump(target);
            _code.Bind(differ);
        }

        return true;
    }

    private static BpfCondition Condition(LongOperator comparison, bool when) => (comparison, when) switch
    {
        (LongOperator.Equal, true) or (LongOperator.NotEqual, false) => BpfCondition.Equal,
        (LongOperator.NotEqual, true) or (LongOperator.Equal, false) => BpfCondition.NotEqual,
        (LongOperator.Less, true) or (LongOperator.GreaterOrEqual, false) => BpfCondition.SignedLess,
        (LongOperator.LessOrEqual, true) or (LongOperator.Greater, false) => BpfCondition.SignedLessOrEqual,
        (LongOperator.Greater, true) or (LongOperator.LessOrEqual, false) => BpfCondition.SignedGreater,
        (LongOperator.LessUnsigned, true) => BpfCondition.Less,
        (LongOperator.LessUnsigned, false) => BpfCondition.GreaterOrEqual,
        _ => BpfCondition.SignedGreaterOrEqual,
    };
}
