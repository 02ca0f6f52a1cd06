using System.Diagnostics.CodeAnalysis;
using Virtap.Binaries.Code;

namespace Virtap.Virtio.Layouts;

/// <summary>An unknown of a <see cref="LinearForm"/>.</summary>
internal abstract record LinearTerm
{
    private LinearTerm()
    {
    }

    /// <summary>The nth argument of the function, from 0.</summary>
    public sealed record Argument(int Index) : LinearTerm;

    /// <summary>
    /// How far the program is moved from its link-time addresses: an address in the image is this and its link-time address.
    /// </summary>
    public sealed record Bias : LinearTerm;

    /// <summary>What another register held on entry.</summary>
    public sealed record Entry(MachineRegister Register) : LinearTerm;

    /// <summary>What memory held there.</summary>
    public sealed record Load(LinearForm Address, int Size) : LinearTerm;
}

/// <summary>
/// A value that a function computes, as a sum of unknowns with factors and a constant: <c>[arg0 + 0xe8] + 0x98 * arg1 + 0x38</c>. What
/// accessors do with addresses is always of this form, whatever instructions the compiler chose for it.
/// </summary>
internal sealed class LinearForm : IEquatable<LinearForm>
{
    // Longer sums are no addresses of fields.
    private const int MaximumTerms = 8;

    public static readonly LinearForm Zero = new([], 0);

    private readonly (LinearTerm Term, long Factor)[] _terms;

    private LinearForm((LinearTerm Term, long Factor)[] terms, long constant)
    {
        _terms = terms;
        Constant = constant;
    }

    public ReadOnlySpan<(LinearTerm Term, long Factor)> Terms => _terms;

    public long Constant { get; }

    public bool IsConstant => _terms.Length == 0;

    public static LinearForm Of(long constant) => new([], constant);

    public static LinearForm Of(LinearTerm term) => new([(term, 1)], 0);

    /// <summary>
    /// The form of a value; null where it has none. More is taken for granted here than a processor grants: what is narrowed fits, what is
    /// put in with <c>or</c> goes where there were no bits.
    /// </summary>
    public static LinearForm? Of(MachineExpression value) => value switch
    {
        ConstantValue constant => Of(constant.Value),
        ImageAddress image => Of(new LinearTerm.Bias()).AddConstant((long)image.Address),
        RegisterValue { Register: var register } => Of(
            ArgumentRegisters.NumberOf(register) is { } number ? new LinearTerm.Argument(number - 1) : new LinearTerm.Entry(register)),
        LoadValue load => Of(load.Address) is { } address ? Of(new LinearTerm.Load(address, load.Size)) : null,
        ExtendValue extend => Of(extend.Operand),
        BinaryValue { Operator: MachineOperator.Add } sum => Sum(sum.Left, sum.Right, 1),
        BinaryValue { Operator: MachineOperator.Subtract } difference => Sum(difference.Left, difference.Right, -1),
        BinaryValue { Operator: MachineOperator.Multiply, Right: ConstantValue factor } product => Of(product.Left)?.Multiply(factor.Value),
        BinaryValue { Operator: MachineOperator.ShiftLeft, Right: ConstantValue places } shift =>
            OfLow(shift.Left)?.Multiply(1L << (int)(places.Value & 63)),
        BinaryValue { Operator: MachineOperator.Or } or => OfParts(or.Left, or.Right),
        _ => null,
    };

    /// <summary>Whether the value is one unknown and nothing else.</summary>
    public bool IsTerm([NotNullWhen(true)] out LinearTerm? term)
    {
        term = _terms is [(var only, 1)] && Constant == 0 ? only : null;
        return term is not null;
    }

    /// <summary>The factor of an unknown; 0 where it does not occur.</summary>
    public long FactorOf(LinearTerm term)
    {
        foreach (var (candidate, factor) in _terms)
        {
            if (candidate.Equals(term))
                return factor;
        }

        return 0;
    }

    /// <summary>A sum; null when it has become too long to be of use.</summary>
    public LinearForm? Add(LinearForm other, long factor = 1)
    {
        List<(LinearTerm Term, long Factor)> terms = [.. _terms];
        foreach (var (term, count) in other._terms)
        {
            int at = terms.FindIndex(t => t.Term.Equals(term));
            long sum = unchecked((at < 0 ? 0 : terms[at].Factor) + count * factor);
            if (at >= 0)
                terms.RemoveAt(at);
            if (sum != 0)
                terms.Add((term, sum));
        }

        return terms.Count > MaximumTerms ? null : new LinearForm([.. terms], unchecked(Constant + other.Constant * factor));
    }

    public LinearForm AddConstant(long constant) => new(_terms, unchecked(Constant + constant));

    public LinearForm Multiply(long factor) =>
        factor == 0 ? Zero : new([.. _terms.Select(t => (t.Term, unchecked(t.Factor * factor)))], unchecked(Constant * factor));

    private static LinearForm? Sum(MachineExpression left, MachineExpression right, long factor)
        => Of(left) is { } first && Of(right) is { } second ? first.Add(second, factor) : null;

    /// <summary>The form of a value of which low bits are taken, to be shifted elsewhere.</summary>
    private static LinearForm? OfLow(MachineExpression value)
        => value is BinaryValue { Operator: MachineOperator.And, Right: ConstantValue { Value: > 0 and var mask } } and
            && long.IsPow2(mask + 1) ? Of(and.Left) : Of(value);

    /// <summary>
    /// The form of a value put together: one with its lowest bytes replaced is those, one with bits put in above is the sum.
    /// </summary>
    private static LinearForm? OfParts(MachineExpression left, MachineExpression right)
    {
        if (left is not BinaryValue { Operator: MachineOperator.And, Right: ConstantValue { Value: var kept } } and)
            return Sum(left, right, 1);
        return (kept & 1) == 0 ? Of(right) : Sum(and.Left, right, 1);
    }

    public bool Equals(LinearForm? other)
    {
        if (other is null || other._terms.Length != _terms.Length || other.Constant != Constant)
            return false;
        foreach (var (term, factor) in _terms)
        {
            if (other.FactorOf(term) != factor)
                return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as LinearForm);

    // The order of terms does not count.
    public override int GetHashCode() => _terms.Aggregate(Constant.GetHashCode(), (hash, t) => hash + t.Term.GetHashCode());
}
