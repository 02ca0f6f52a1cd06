using Virtap.Names;

namespace Virtap.Binaries.Dwarf;

/// <summary>Paths of source files, which scripts name by their ends.</summary>
public static class SourcePath
{
    /// <summary>Whether a pattern means a path: the whole path, or its last parts (<c>hw/virtio/virtio.c</c>), with wildcards.</summary>
    public static bool IsMatch(string path, string pattern)
    {
        var glob = new Glob(pattern);
        if (glob.IsMatch(path))
            return true;
        for (int slash = path.LastIndexOf('/'); slash >= 0; slash = slash > 0 ? path.LastIndexOf('/', slash - 1) : -1)
        {
            if (glob.IsMatch(path[(slash + 1)..]))
                return true;
        }

        return false;
    }
}
