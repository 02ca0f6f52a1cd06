namespace Virtap.Language.Formats;

/// <summary>A piece of a format as it is written.</summary>
internal abstract record FormatSpec;

/// <summary>Text as it stands, <c>%%</c> resolved.</summary>
internal sealed record FormatTextSpec(string Text) : FormatSpec;

/// <summary>A conversion.</summary>
internal sealed record FormatConversionSpec(FormatConversion Conversion, FormatFlags Flags, FormatNumber Width, FormatNumber Precision)
    : FormatSpec
{
    /// <summary>How many arguments it takes.</summary>
    public int ArgumentCount => 1 + (Width.IsArgument ? 1 : 0) + (Precision.IsArgument ? 1 : 0);

    /// <summary>The type of what it prints.</summary>
    public ScriptType ValueType => Conversion == FormatConversion.String ? ScriptType.String : ScriptType.Long;
}

/// <summary>A width or a precision: not there (both unset), a number, or an argument.</summary>
internal readonly record struct FormatNumber(long? Value, bool IsArgument);
