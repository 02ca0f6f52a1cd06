using System.Collections;
using System.Reflection;
using System.Text;
using Virtap.Language.Syntax.Tree;

namespace Virtap.Language.Tests.Syntax;

/// <summary>A tree as text with all that is in it but places: what two trees are compared by.</summary>
internal static class TreeText
{
    public static string Of(ScriptSyntax script) => string.Join('\n', script.Declarations.Select(Of));

    public static string Of(SyntaxNode node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case SyntaxNode or SortSyntax:
                text.Append('(').Append(value.GetType().Name);
                foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    if (property.PropertyType == typeof(SourceSpan))
                        continue;
                    text.Append(' ').Append(property.Name).Append('=');
                    Append(text, property.GetValue(value));
                }
                text.Append(')');
                break;
            case string s:
                text.Append('"').Append(s).Append('"');
                break;
            case IEnumerable list:
                text.Append('[');
                foreach (object? item in list)
                {
                    Append(text, item);
                    text.Append(' ');
                }
                text.Append(']');
                break;
            default:
                text.Append(value);
                break;
        }
    }
}
