using System.Diagnostics.CodeAnalysis;

namespace Virtap.Virtio.Layouts.Code;

/// <summary>
/// A value that a function computes, as a sum of unknowns with factors and a constant: <c>[arg0 + 0xe8] + 0x98 * arg1 + 0x38</c>. What accessors do with
/// addresses is always of this form, whatever instructions the compiler chose for it.
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
