using System.Text.Json;

namespace Virtap.Cli.Rendering;

/// <summary>What a command has found, on standard output: for a program, or for a person.</summary>
internal static class CommandOutput
{
    /// <summary>Writes it.</summary>
    /// <param name="asJson">Whether it is for a program.</param>
    /// <param name="json">Writes it as one JSON value.</param>
    /// <param name="text">Writes it as lines.</param>
    /// <exception cref="IOException">It cannot be written, or nobody reads any more: the command ends.</exception>
    public static void Write(bool asJson, Action<Utf8JsonWriter> json, Action<TextOutput> text)
    {
        if (asJson)
        {
            JsonOutput.Write(json);
            return;
        }

        using TextOutput output = TextOutput.StandardOutput();
        text(output);
        output.Flush();
    }
}
