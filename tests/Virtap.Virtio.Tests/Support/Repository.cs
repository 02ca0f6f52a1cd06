namespace Virtap.Virtio.Tests.Support;

/// <summary>Files that scripts of the repository make.</summary>
public static class Repository
{
    /// <summary>A file by its path from the repository's root; null where it is not there.</summary>
    public static string? Find(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string file = Path.Combine(folder.FullName, path);
            if (File.Exists(file))
                return file;
        }

        return null;
    }
}
