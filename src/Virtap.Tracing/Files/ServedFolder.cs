using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Virtap.Interop;
using Virtap.Processes;
using Virtap.Processes.Access;
using Virtap.Processes.Commands;
using Virtap.Processes.Files;

namespace Virtap.Tracing.Files;

/// <summary>
/// A folder of <see cref="ServedFile"/>s, mounted as a file system of this process's (FUSE, Linux 2.6.14) for as long as it is not disposed
/// of. A thread answers the kernel. If this process is killed, a shell that waits for that takes the folder away; where it could not, who
/// opens the files gets an error, and the next folder that is served takes the dead one away.
/// </summary>
internal sealed unsafe class ServedFolder : IDisposable
{
    /// <summary>Where folders are.</summary>
    public const string Parent = "/run/virtap";

    private const ulong Root = 1;
    private const uint FolderMode = 0x4000 | 0x16d, FileMode = 0x8000;
    private const int MaxWrite = 1 << 16, DetachFromTree = 2;
    private const nuint NoDevices = 4, NoSetUid = 2, NoPrograms = 8;
    private const int ConnectionLost = 107, NoSuchCall = 38, InputOutput = 5;

    private readonly List<Node> _nodes = [];
    private readonly Dictionary<ulong, byte[]> _contents = [];
    private readonly SafeFileHandle _device;
    private readonly CommandAtDeath _removal;
    private readonly Thread _server;
    private readonly long _since = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private readonly uint _user = Libc.UserId();
    private ulong _lastHandle;

    private ServedFolder(string path, SafeFileHandle device, CommandAtDeath removal, IEnumerable<ServedFile> files)
    {
        (Path, _device, _removal) = (path, device, removal);
        _nodes.Add(new Node("", null, []));
        foreach (ServedFile file in files)
            Add(file);
        _server = new Thread(Serve) { IsBackground = true, Name = "files" };
    }

    /// <summary>A file or a folder; its number is its index and one.</summary>
    private sealed record Node(string Name, ServedFile? File, List<ulong> Children);

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Mounts a folder.</summary>
    /// <param name="name">Its name in <see cref="Parent"/>.</param>
    /// <param name="files">What is in it.</param>
    /// <exception cref="IOException">It cannot be mounted: that takes /dev/fuse, and the right to mount (CAP_SYS_ADMIN).</exception>
    public static ServedFolder Mount(string name, IEnumerable<ServedFile> files)
    {
        string path = $"{Parent}/{name}";
        int device = -1;
        CommandAtDeath? removal = null;
        try
        {
            Directory.CreateDirectory(Parent);
            RemoveDead();
            Directory.CreateDirectory(path);
            device = Libc.Open("/dev/fuse", ReadWrite | Libc.CloseOnExec);
            if (device < 0)
                throw new IOException("/dev/fuse: " + Errno.Text(Errno.Last));
            removal = new CommandAtDeath("umount -l \"$1\"; rmdir \"$1\"", path);
            string options = string.Create(
                CultureInfo.InvariantCulture,
                $"fd={device},rootmode=40000,user_id={Libc.UserId()},group_id=0,allow_other,default_permissions");
            if (Libc.Mount($"virtap:{name}", path, "fuse.virtap", NoDevices | NoSetUid | NoPrograms, options) != 0)
                throw new IOException(Errno.Text(Errno.Last));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProcessException)
        {
            removal?.Dispose();
            if (device >= 0)
                _ = Libc.Close(device);
            string why = e is UnauthorizedAccessException ? "that takes root (to mount a file system, CAP_SYS_ADMIN)" : e.Message;
            throw new IOException($"files for procfs probes cannot be served in {path}: {why}", e);
        }

        var folder = new ServedFolder(path, new SafeFileHandle(device, ownsHandle: true), removal, files);
        folder._server.Start();
        return folder;
    }

    /// <summary>Takes the folder away. Who has one of its files open gets an error from now on.</summary>
    public void Dispose()
    {
        Remove(Path);
        _server.Join(TimeSpan.FromSeconds(1));
        _device.Dispose();
        _removal.Dispose();
    }

    private const int ReadWrite = 2;

    /// <summary>Folders whose processes were killed, and empty ones of processes that are no more.</summary>
    private static void RemoveDead()
    {
        foreach (string path in Directory.EnumerateDirectories(Parent))
        {
            FileStatus status;
            if (Libc.Stat(Libc.CurrentDirectory, path, 0, FileStatus.Mask, &status) != 0 && Errno.Last == ConnectionLost)
                Remove(path);
            else if (int.TryParse(System.IO.Path.GetFileName(path), out int id) && LiveProcess.Find(id) is null)
                DeleteEmpty(path);
        }
    }

    private static void Remove(string path)
    {
        _ = Libc.Unmount(path, DetachFromTree);
        DeleteEmpty(path);
    }

    private static void DeleteEmpty(string path)
    {
        try
        {
            Directory.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else has one of the same name, or stands in it: an empty folder is left.
        }
    }

    private void Add(ServedFile file)
    {
        ulong at = Root;
        string[] names = file.Path.Split('/');
        for (int i = 0; i < names.Length; i++)
        {
            List<ulong> children = NodeOf(at)!.Children;
            ulong found = children.Find(child => NodeOf(child)!.Name == names[i]);
            if (found == 0)
            {
                _nodes.Add(new Node(names[i], i + 1 == names.Length ? file : null, []));
                children.Add(found = (ulong)_nodes.Count);
            }

            at = found;
        }
    }

    private Node? NodeOf(ulong number) => number >= Root && number <= (ulong)_nodes.Count ? _nodes[(int)number - 1] : null;

    private void Serve()
    {
        var buffer = new byte[MaxWrite + 4096];
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint length = Libc.Read((int)_device.DangerousGetHandle(), start, (nuint)buffer.Length);
                if (length < 0 && Errno.Last is Errno.Interrupted or Errno.TryAgain or Errno.NoEntry)
                    continue;
                // Unmounted.
                if (length < FuseRequest.HeaderBytes)
                    return;
                if (Answer(new FuseRequest(buffer.AsSpan(0, (int)length))) is not { } answer)
                    continue;
                byte[] bytes = answer.ToArray();
                fixed (byte* first = bytes)
                    _ = Libc.Write((int)_device.DangerousGetHandle(), first, (nuint)bytes.Length);
            }
        }
    }

    private FuseAnswer? Answer(FuseRequest request)
    {
        switch (request.Operation)
        {
            case FuseOperation.Forget or FuseOperation.ForgetMany or FuseOperation.Interrupt:
                return null;
            case FuseOperation.Initialize:
                return Initialize(request);
            case FuseOperation.Lookup:
                return Look(request);
            case FuseOperation.GetAttributes or FuseOperation.SetAttributes when NodeOf(request.Node) is not null:
                return WithAttributes(new FuseAnswer(request.Unique).Long(0).Long(0), request.Node);
            case FuseOperation.Open or FuseOperation.OpenFolder:
                const uint directly = 1;
                uint options = request.Operation == FuseOperation.Open ? directly : 0;
                return new FuseAnswer(request.Unique).Long(++_lastHandle).Word(options).Word(0);
            case FuseOperation.ReadFolder when NodeOf(request.Node) is { } folder:
                return List(request, folder);
            case FuseOperation.Read when NodeOf(request.Node)?.File is { } file:
                return Read(request, file);
            case FuseOperation.Write when NodeOf(request.Node)?.File is { } file:
                return file.Write(request.Thread, request.Written.ToArray())
                    ? new FuseAnswer(request.Unique).Word((uint)request.Written.Length).Word(0)
                    : new FuseAnswer(request.Unique, InputOutput);
            case FuseOperation.Release:
                _contents.Remove(request.Handle);
                return new FuseAnswer(request.Unique);
            case FuseOperation.ReleaseFolder or FuseOperation.Flush or FuseOperation.Destroy:
                return new FuseAnswer(request.Unique);
            case FuseOperation.FileSystemStatus:
                return new FuseAnswer(request.Unique).Bytes(new byte[80]);
            default:
                return new FuseAnswer(request.Unique, NoSuchCall);
        }
    }

    /// <summary>struct fuse_init_out of protocol 7.23 and later: no options of it are asked for.</summary>
    private static FuseAnswer Initialize(FuseRequest request)
    {
        const uint major = 7, minor = 31;
        return new FuseAnswer(request.Unique).Word(major).Word(minor).Long(0).Word(0).Word(MaxWrite).Word(1).Bytes(new byte[36]);
    }

    private FuseAnswer Look(FuseRequest request)
    {
        string name = request.Name;
        ulong found = NodeOf(request.Node)?.Children.Find(child => NodeOf(child)!.Name == name) ?? 0;
        return found == 0 ? new FuseAnswer(request.Unique, Errno.NoEntry)
            : WithAttributes(new FuseAnswer(request.Unique).Long(found).Long(0).Long(0).Long(0).Long(0), found);
    }

    private FuseAnswer WithAttributes(FuseAnswer answer, ulong node) =>
        answer.Attributes(node, NodeOf(node)?.File is { } file ? FileMode | (uint)file.Mode : FolderMode, _since, _user, 0);

    private FuseAnswer List(FuseRequest request, Node folder)
    {
        var answer = new FuseAnswer(request.Unique);
        (string Name, ulong Number)[] all = [
            (".", request.Node), ("..", request.Node), .. folder.Children.Select(child => (NodeOf(child)!.Name, child))];
        for (ulong at = request.Offset; at < (ulong)all.Length; at++)
        {
            (string name, ulong number) = all[at];
            byte[] entry = FuseAnswer.Entry(number, at + 1, NodeOf(number)?.File is null, name);
            if (answer.BodyBytes + entry.Length > request.Size)
                break;
            answer.Bytes(entry);
        }

        return answer;
    }

    /// <summary>What a reader gets is made when it begins, and is the same up to its end.</summary>
    private FuseAnswer Read(FuseRequest request, ServedFile file)
    {
        if (request.Offset == 0 || !_contents.TryGetValue(request.Handle, out byte[]? contents))
        {
            if (file.Read(request.Thread) is not { } made)
                return new FuseAnswer(request.Unique, InputOutput);
            _contents[request.Handle] = contents = made;
        }

        int from = (int)Math.Min(request.Offset, (ulong)contents.Length);
        return new FuseAnswer(request.Unique).Bytes(contents.AsSpan(from, (int)Math.Min((uint)(contents.Length - from), request.Size)));
    }
}

/// <summary>A file whose contents are made when it is read, and whose writers are heard.</summary>
/// <param name="Path">Its path in the folder: names with slashes between them.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="Read">Makes what a reader gets, given the reader's thread; null where it cannot any more.</param>
/// <param name="Write">Takes what a thread has written; false where it cannot any more.</param>
internal sealed record ServedFile(string Path, int Mode, Func<int, byte[]?> Read, Func<int, byte[], bool> Write);
