namespace Virtap.Language.Library;

/// <summary>A function that scripts and the tapset call without a declaration: an entry of <see cref="BuiltIns"/>.</summary>
/// <param name="name">Its name; one that begins with an underscore is the tapset's, not for scripts.</param>
/// <param name="result">What it returns; <see cref="ScriptType.Unknown"/> for nothing.</param>
/// <param name="meaning">What it asks of the machine, or of the binder.</param>
/// <param name="parameters">Its parameters; of a print function those before the values, which may be any number.</param>
public sealed class BuiltIn(
    string name, ScriptType result, BuiltInMeaning meaning, params IReadOnlyList<(string Name, ScriptType Type)> parameters)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>What it returns; <see cref="ScriptType.Unknown"/> for nothing.</summary>
    public ScriptType Result { get; } = result;

    /// <summary>What it asks of the machine, or of the binder.</summary>
    public BuiltInMeaning Meaning { get; } = meaning;

    /// <summary>Whether a script may call it with -g only: it changes more than what Virtap itself has.</summary>
    public bool NeedsGuru { get; init; }

    /// <summary>Its parameters; of a print function those before the values.</summary>
    public IReadOnlyList<(string Name, ScriptType Type)> Parameters { get; } = parameters;

    /// <summary>
    /// Whether any number of values, strings or integers, may follow the parameters. Such a name no script can give to a function of its
    /// own.
    /// </summary>
    public bool TakesValues => Meaning is PrintForm { Values: not PrintedValues.Message };

    /// <summary>Whether it is called for what it does: it has no value.</summary>
    public bool HasEffect => Result == ScriptType.Unknown;

    /// <summary>Whether what it says depends on the probe that calls it.</summary>
    public bool AsksTarget => Meaning is ProbeText;
}
