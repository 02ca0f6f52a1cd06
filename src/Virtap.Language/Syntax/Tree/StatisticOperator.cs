namespace Virtap.Language.Syntax.Tree;

/// <summary>What is taken out of an aggregate.</summary>
public enum StatisticOperator
{
    Count,
    Sum,
    Min,
    Max,
    Average,
    Variance,
}
