using System.Runtime.CompilerServices;
using Virtap.Language.Binding.Tree;
using Virtap.Tracing.Lowering.Analysis;

namespace Virtap.Tracing.Tests.Lowering;

public class BoundPartsTests
{
    /// <summary>A node that the analyses take for a leaf would run without its lock and without its bound.</summary>
    [Fact]
    public void Every_node_of_the_bound_tree_is_known()
    {
        int known = 0;
        foreach (Type type in typeof(BoundExpression).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsPublic: true }))
        {
            if (type.IsAssignableTo(typeof(BoundExpression)))
                Ask<BoundExpression>(type, node => BoundParts.Of(node));
            else if (type.IsAssignableTo(typeof(BoundFormatPiece)))
                Ask<BoundFormatPiece>(type, node => BoundParts.Of([node]).Count());
            else if (type.IsAssignableTo(typeof(BoundStatement)))
                Ask<BoundStatement>(type, node => (BoundParts.Of(node), BoundParts.StatementsOf(node)));
            else
                continue;
            known++;
        }

        Assert.InRange(known, 30, int.MaxValue);
    }

    /// <summary>The node is empty: its parts are null, and who knows it may stumble over them.</summary>
    private static void Ask<T>(Type type, Func<T, object> parts)
    {
        Exception? exception = Record.Exception(() => parts((T)RuntimeHelpers.GetUninitializedObject(type)));
        Assert.False(exception is InvalidOperationException, exception?.Message);
    }
}
