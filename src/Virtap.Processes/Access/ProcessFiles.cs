using System.Globalization;

namespace Virtap.Processes.Access;

/// <summary>The files of <c>/proc/PID</c>.</summary>
internal static class ProcessFiles
{
    public static string Path(int pid, string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{name}");

    /// <summary>A whole file; "" bytes when the process has ended or may not be looked into.</summary>
    public static byte[] ReadOrEmpty(int pid, string name)
    {
        try
        {
            return File.ReadAllBytes(Path(pid, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A whole file; <paramref name="what"/> names its content in the error.</summary>
    public static byte[] Read(int pid, string name, string what)
    {
        try
        {
            return File.ReadAllBytes(Path(pid, name));
        }
        catch (UnauthorizedAccessException)
        {
            throw ProcessException.Denied(pid, what);
        }
        catch (IOException)
        {
            // ENOENT on opening, ESRCH on reading.
            throw ProcessException.Ended(pid);
        }
    }

    /// <summary>What a link leads to, as the kernel writes it; null when it cannot be read.</summary>
    public static string? Link(int pid, string name)
    {
        try
        {
            return new FileInfo(Path(pid, name)).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The numeric entries of a directory under <c>/proc</c>.</summary>
    public static IEnumerable<int> Numbers(string directory)
    {
        IEnumerator<string> entries;
        try
        {
            entries = Directory.EnumerateDirectories(directory).GetEnumerator();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        using (entries)
        {
            while (MoveNext(entries))
            {
                if (int.TryParse(
                    System.IO.Path.GetFileName(entries.Current.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                    yield return number;
            }
        }
    }

    // The process may end while its threads are listed.
    private static bool MoveNext(IEnumerator<string> entries)
    {
        try
        {
            return entries.MoveNext();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
