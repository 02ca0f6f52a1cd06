using System.Globalization;
using Virtap.Tracing.Memory;

namespace Virtap.Tracing.Runtime;

/// <summary>
/// How busy the machine is: the kernel's load averages over 1, 5 and 15 minutes, which it computes anew every five seconds.
/// </summary>
internal static class MachineLoad
{
    /// <summary>Writes them, in hundredths, where handlers look for them; what cannot be read stays as it is.</summary>
    public static void Write(FlatMemory memory)
    {
        try
        {
            string[] words = File.ReadAllText("/proc/loadavg").Split(' ');
            for (int i = 0; i < 3 && i < words.Length; i++)
            {
                if (decimal.TryParse(words[i], CultureInfo.InvariantCulture, out decimal load))
                    memory.Word(SessionCells.LoadOfMinute + (i * 8)) = (long)(load * 100);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
