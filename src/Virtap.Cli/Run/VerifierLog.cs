using Virtap.Bpf.Kernel;

namespace Virtap.Cli.Run;

/// <summary>
/// What the verifier said of a program that it refused: for those who mend Virtap, in a file; a user can do nothing about it.
/// </summary>
internal static class VerifierLog
{
    /// <summary>Puts the whole log into a file, and says where it is.</summary>
    public static string Keep(BpfException refusal)
    {
        const string Mistake = "the compiler took what the kernel refuses, a mistake of Virtap's: please report it with the script";
        try
        {
            // Nobody else's to read or to have put there before.
            string path = Path.Combine(Directory.CreateTempSubdirectory("virtap-verifier.").FullName, "log");
            File.WriteAllText(path, refusal.VerifierLog);
            return $"{Mistake} and {path}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{Mistake} (what the verifier said could not be kept: {e.Message})";
        }
    }
}
