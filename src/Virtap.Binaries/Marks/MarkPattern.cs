using System.Text;
using Virtap.Names;

namespace Virtap.Binaries.Marks;

/// <summary>
/// Which marks are meant: <c>mark("virtio_*")</c>, <c>provider("qemu").mark("a-b")</c>. In names, <c>-</c> and <c>__</c> are the same, as
/// SystemTap and DTrace have it: C code has no dashes.
/// </summary>
public sealed class MarkPattern
{
    private readonly Glob? _provider;
    private readonly Glob _name;

    /// <summary>Takes patterns.</summary>
    /// <param name="name">The mark's name, with wildcards.</param>
    /// <param name="provider">The provider's, with wildcards; null for any.</param>
    public MarkPattern(string name, string? provider = null)
    {
        Name = name;
        Provider = provider;
        _name = new Glob(WithDashes(name));
        _provider = provider is null or "*" ? null : new Glob(WithDashes(provider));
    }

    /// <summary>The name's pattern as it was given.</summary>
    public string Name { get; }

    /// <summary>The provider's pattern as it was given; null for any.</summary>
    public string? Provider { get; }

    /// <summary>The one name that is meant, as it stands in C; null where the name has wildcards.</summary>
    public string? LiteralName => _name.IsLiteral ? Name.Replace("-", "__", StringComparison.Ordinal) : null;

    /// <summary>Whether a mark is meant.</summary>
    public bool IsMatch(ReadOnlySpan<byte> provider, ReadOnlySpan<byte> name)
        => IsMatch(_name, name) && (_provider is null || IsMatch(_provider, provider));

    /// <summary>Whether marks of a provider can be meant.</summary>
    public bool IsProvider(string provider) => _provider is null || IsMatch(_provider, Encoding.UTF8.GetBytes(provider));

    /// <inheritdoc cref="IsMatch(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public bool IsMatch(string provider, string name) => IsMatch(Encoding.UTF8.GetBytes(provider), Encoding.UTF8.GetBytes(name));

    /// <inheritdoc/>
    public override string ToString() => Provider is null ? Name : $"{Provider}:{Name}";

    private static string WithDashes(string name) => name.Replace("__", "-", StringComparison.Ordinal);

    private static bool IsMatch(Glob glob, ReadOnlySpan<byte> name)
    {
        if (name.IndexOf("__"u8) < 0)
            return glob.IsMatch(name);
        byte[] dashed = new byte[name.Length];
        int length = 0;
        for (int at = 0; at < name.Length; at++)
        {
            bool both = name[at] == '_' && at + 1 < name.Length && name[at + 1] == '_';
            dashed[length++] = both ? (byte)'-' : name[at];
            at += both ? 1 : 0;
        }

        return glob.IsMatch(dashed.AsSpan(0, length));
    }
}
