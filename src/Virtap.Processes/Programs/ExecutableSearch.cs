using System.Runtime.InteropServices;
using System.Text;
using Virtap.Interop;
using Virtap.Processes.Files;

namespace Virtap.Processes.Programs;

/// <summary>
/// Finds the file that <c>process("PATH")</c> means, by SystemTap's rules: a name with a slash is used as it is (relative to the current
/// directory), one without is searched along <c>$PATH</c>; a script stands for its interpreter; a pattern (<c>* ? [...]</c>) for every
/// file it matches, without <c>$PATH</c>. Beyond these rules, a path that is not there but that a process runs inside its container is
/// found through that process.
/// </summary>
public static unsafe class ExecutableSearch
{
    private const int ExecuteAccess = 1;
    // As many as the kernel follows (BINPRM_MAX_RECURSION is 4 levels of scripts as interpreters).
    private const int MaximumScripts = 4;

    /// <summary>Whether a name is a pattern.</summary>
    public static bool IsPattern(string name) => name.AsSpan().IndexOfAny('*', '?', '[') >= 0;

    /// <summary>Finds every program that a name means.</summary>
    /// <param name="name">What the script says between the quotes of <c>process("...")</c>, or the command's first word.</param>
    /// <param name="searchPath">Directories with colons between; null for this process's <c>$PATH</c>.</param>
    /// <returns>Nothing when there is none; more than one for a pattern only.</returns>
    public static IReadOnlyList<ExecutableFile> Find(string name, string? searchPath = null)
    {
        if (name.Length == 0 || name.Contains('\0'))
            return [];
        if (IsPattern(name))
            return FindPattern(name);
        if (name.Contains('/'))
            return (Open(name) ?? OfContainer(name)) is { } file ? [file] : [];
        return FindInPath(name, searchPath ?? Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin") is { } found
            ? [found] : [];
    }

    private static List<ExecutableFile> FindPattern(string pattern)
    {
        var files = new List<ExecutableFile>();
        GlobResult result;
        if (Libc.Glob(pattern, 0, 0, &result) == 0)
        {
            for (nuint i = 0; i < result.Count; i++)
            {
                if (Open(Marshal.PtrToStringUTF8((nint)result.Paths[i])!) is { } file && files.TrueForAll(f => f.Identity != file.Identity))
                    files.Add(file);
            }
        }

        Libc.FreeGlob(&result);
        return files;
    }

    private static ExecutableFile? FindInPath(string name, string searchPath)
    {
        foreach (string directory in searchPath.Split(':'))
        {
            // An empty entry is the current directory (POSIX 8.3).
            string path = directory.Length == 0 ? "./" + name : directory + "/" + name;
            if (FileIdentity.OfRegular(path) is not null && Libc.Access(path, ExecuteAccess) == 0)
                return Open(path);
        }

        return null;
    }

    // A library has no need to be executable: any regular file is taken.
    private static ExecutableFile? Open(string path)
    {
        string? script = null;
        for (int depth = 0; ; depth++)
        {
            if (FileIdentity.OfRegular(path) is not { } identity || RealPath(path) is not { } real)
                return null;
            if (depth > MaximumScripts || Interpreter(real) is not { } interpreter)
                return new ExecutableFile(real, real, identity, script);
            script ??= real;
            path = interpreter;
        }
    }

    // #!/usr/bin/env NAME is the program that env finds, as it is that one whose code runs.
    private static string? Interpreter(string path)
    {
        Span<byte> bytes = stackalloc byte[256];
        int length;
        try
        {
            using FileStream file = File.OpenRead(path);
            length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        ReadOnlySpan<byte> text = bytes[..length];
        if (!text.StartsWith("#!"u8))
            return null;
        int end = text.IndexOf((byte)'\n');
        string[] words = Encoding.UTF8.GetString(end < 0 ? text[2..] : text[2..end])
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return null;
        if (System.IO.Path.GetFileName(words[0]) != "env")
            return words[0];
        string? program = words.Skip(1).FirstOrDefault(w => !w.StartsWith('-') && !w.Contains('='));
        return program is null ? words[0]
            : program.Contains('/') ? program
            : FindInPath(program, Environment.GetEnvironmentVariable("PATH") ?? "")?.Path ?? words[0];
    }

    private static ExecutableFile? OfContainer(string path)
    {
        if (!path.StartsWith('/'))
            return null;
        foreach (LiveProcess process in LiveProcess.RunningAs(name => name == path))
        {
            if (process.Executable is { } identity)
                return new ExecutableFile(path, process.ExecutablePath, identity);
        }

        return null;
    }

    /// <summary>A path with all links followed; null where it leads nowhere.</summary>
    internal static string? RealPath(string path)
    {
        byte* resolved = Libc.RealPath(path, null);
        string? result = Marshal.PtrToStringUTF8((nint)resolved);
        Libc.Free(resolved);
        return result;
    }
}

/// <summary>A program that was looked for and found.</summary>
/// <param name="Path">Its absolute path, links resolved; for a program that only exists in a container, the path there.</param>
/// <param name="OpenPath">A path that opens it from here: <paramref name="Path"/>, or one through <c>/proc</c>.</param>
/// <param name="Identity">Which file it is.</param>
/// <param name="Script">The path of the script whose interpreter it is; null when the program itself was named.</param>
public sealed record ExecutableFile(string Path, string OpenPath, FileIdentity Identity, string? Script = null);
