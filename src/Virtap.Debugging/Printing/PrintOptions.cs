namespace Virtap.Debugging.Printing;

/// <summary>How values are printed: gdb's <c>set print ...</c>, with gdb's defaults.</summary>
public sealed record PrintOptions
{
    /// <summary>Members of structures on lines of their own.</summary>
    public bool Pretty { get; init; }

    /// <summary>How many elements of an array, or characters of a string, at most; null for all.</summary>
    public int? Elements { get; init; } = 200;

    /// <summary>How many equal elements are printed as they are; more become <c>&lt;repeats N times&gt;</c>. Null for all.</summary>
    public int? Repeats { get; init; } = 10;

    /// <summary>What unions within structures hold.</summary>
    public bool Unions { get; init; } = true;

    /// <summary>Addresses.</summary>
    public bool Addresses { get; init; } = true;

    /// <summary>The symbol that a pointer points to.</summary>
    public bool Symbols { get; init; } = true;

    /// <summary>Elements of arrays on lines of their own.</summary>
    public bool Arrays { get; init; }

    /// <summary>The index before each element.</summary>
    public bool ArrayIndexes { get; init; }

    /// <summary>Character arrays end at their first zero.</summary>
    public bool StopAtNull { get; init; }

    /// <summary>Static members of C++'s classes.</summary>
    public bool StaticMembers { get; init; } = true;

    /// <summary>How deep structures within structures are printed; null for all.</summary>
    public int? MaxDepth { get; init; } = 20;

    /// <summary>Whether characters outside of ASCII are printed as they are, where text is UTF-8.</summary>
    public bool IsUtf8 { get; init; } = true;

    /// <summary>The letter behind <c>print/</c>; null for each type's own way.</summary>
    public char? Format { get; init; }

    /// <summary>The letters that there are, and what they ask for.</summary>
    public const string Formats = "xduotacfsz";

    internal int Limit => Elements ?? int.MaxValue;

    internal int Threshold => Repeats ?? int.MaxValue;

    /// <summary>The options with one of them set as gdb's <c>set print</c> sets it.</summary>
    /// <param name="setting">
    /// <c>print pretty on</c>, <c>print elements 20</c>, <c>print repeats unlimited</c>; <c>set</c> may stand before it, and what is on may
    /// be left out.
    /// </param>
    /// <param name="problem">What is wrong with the setting; null where nothing is.</param>
    public PrintOptions With(string setting, out string? problem)
    {
        string[] words = setting.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is ["set", ..])
            words = words[1..];
        if (words is not (["print" or "p" or "pr", _] or ["print" or "p" or "pr", _, _]))
        {
            problem = "a setting is 'print NAME VALUE', such as 'print pretty on'";
            return this;
        }

        string value = words.Length > 2 ? words[2] : "on";
        if (words[1] is "elements" or "repeats" or "max-depth")
            return WithNumber(words[1], value, out problem);
        bool? isOn = value switch
        {
            "on" or "1" or "yes" or "enable" => true,
            "off" or "0" or "no" or "disable" => false,
            _ => null,
        };
        problem = isOn is null ? $"print {words[1]} is on or off, not '{value}'" : null;
        bool on = isOn == true;
        switch (words[1])
        {
            case var _ when isOn is null:
                return this;
            case "pretty":
                return this with { Pretty = on };
            case "union":
                return this with { Unions = on };
            case "address":
                return this with { Addresses = on };
            case "symbol":
                return this with { Symbols = on };
            case "array":
                return this with { Arrays = on };
            case "array-indexes":
                return this with { ArrayIndexes = on };
            case "null-stop":
                return this with { StopAtNull = on };
            case "static-members":
                return this with { StaticMembers = on };
            default:
                problem = $"there is no setting 'print {words[1]}' here; there are pretty, elements, repeats, union, address, symbol, "
                    + "array, array-indexes, null-stop, static-members and max-depth";
                return this;
        }
    }

    private PrintOptions WithNumber(string name, string value, out string? problem)
    {
        problem = null;
        int? number = value == "unlimited" || (value is "0" or "-1" && name != "max-depth") || value == "-1" ? null
            : int.TryParse(value, out int count) && count >= 0 ? count : -1;
        if (number == -1)
        {
            problem = $"print {name} is a number or unlimited, not '{value}'";
            return this;
        }

        return name switch
        {
            "elements" => this with { Elements = number },
            "repeats" => this with { Repeats = number },
            _ => this with { MaxDepth = number },
        };
    }
}
