using System.Globalization;
using Virtap.Processes.Access;
using Virtap.Processes.Memory;

namespace Virtap.Tracing.Backends.InProcess;

/// <summary>Where a program's arguments and its environment lie in its memory, as the kernel has put them there.</summary>
public sealed record ProcessStrings
{
    /// <summary>The first byte of the arguments: strings, one behind the other.</summary>
    public ulong ArgumentsStart { get; private init; }

    /// <summary>Behind their last byte.</summary>
    public ulong ArgumentsEnd { get; private init; }

    /// <summary>The first byte of the environment.</summary>
    public ulong EnvironmentStart { get; private init; }

    /// <summary>Behind its last byte.</summary>
    public ulong EnvironmentEnd { get; private init; }

    /// <summary>
    /// Reads /proc/PID/stat, fields 48 to 51 (3.5); zeros for a process that is gone, or is not for this one to look into.
    /// </summary>
    public static ProcessStrings Of(int pid)
    {
        const int FirstField = 48;
        try
        {
            string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            // The name, which may hold blanks and parentheses, is the second field.
            string[] fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            ulong Field(int number) =>
                ulong.TryParse(fields.ElementAtOrDefault(number - 3), CultureInfo.InvariantCulture, out ulong value) ? value : 0;
            return new ProcessStrings
            {
                ArgumentsStart = Field(FirstField),
                ArgumentsEnd = Field(FirstField + 1),
                EnvironmentStart = Field(FirstField + 2),
                EnvironmentEnd = Field(FirstField + 3),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ProcessStrings();
        }
    }

    /// <summary>Fills bytes from a process's memory; false if not all of them can be read.</summary>
    internal static bool TryRead(int pid, ulong address, Span<byte> bytes)
    {
        try
        {
            return new ProcessMemory(pid).Read(address, bytes) == bytes.Length;
        }
        catch (ProcessException)
        {
            return false;
        }
    }
}
