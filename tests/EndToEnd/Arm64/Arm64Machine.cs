using System.Globalization;
using System.Net.Sockets;
using Virtap.EndToEnd.Guests;
using Virtap.EndToEnd.Targets;

namespace Virtap.EndToEnd.Arm64;

/// <summary>
/// An emulated aarch64 machine with Debian's 6.1 kernel, one for all tests: Virtap's own binary for aarch64 is in it, programs to be
/// traced, and Debian's QEMU (<see cref="Arm64Qemu"/>).
/// </summary>
public sealed class Arm64Machine : IAsyncDisposable
{
    /// <summary>How many marks <c>/bin/many</c> has.</summary>
    public const int ManyMarks = 200;

    private readonly string _folder = Directory.CreateTempSubdirectory("virtap-arm64-").FullName;
    private Guest? _guest;
    private Socket? _qtest;

    /// <summary>The guest, booted by the first test that asks; skips the test where it cannot be had.</summary>
    public async Task<Guest> GuestAsync()
    {
        await Requirements.Arm64Async();
        return _guest ??= await StartAsync();
    }

    /// <summary>The other end of the guest's second virtio port.</summary>
    public async Task<Stream> PortAsync()
    {
        await GuestAsync();
        return new NetworkStream(_qtest!, ownsSocket: false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_guest is not null)
            await _guest.DisposeAsync();
        _qtest?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Guest> StartAsync()
    {
        var port = Path.Combine(_folder, "port");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(port));
        listener.Listen();
        var accepted = listener.AcceptAsync();
        var guest = await Guest.StartAsync(new GuestOptions
        {
            Machine = GuestMachine.Arm64,
            Memory = 1536,
            Devices = ["-chardev", $"socket,id=port,path={port}", "-device", "virtserialport,chardev=port,nr=2"],
            Files = await FilesAsync(),
        });
        _qtest = await accepted;
        return guest;
    }

    private async Task<Dictionary<string, string>> FilesAsync()
    {
        var many = Path.Combine(_folder, "many.c");
        await File.WriteAllTextAsync(many, Targets.ManyMarks.Source(ManyMarks));
        // wfi; b to it: what the processor of the QEMU in the guest does.
        var idle = Path.Combine(_folder, "idle");
        await File.WriteAllBytesAsync(idle, [0x7f, 0x20, 0x03, 0xd5, 0xff, 0xff, 0xff, 0x17]);
        var once = await ScriptAsync("once", "echo | /bin/target >/dev/null");
        var slowly = await ScriptAsync("slowly", "(echo; sleep 3) | /bin/target >/dev/null");

        var files = new Dictionary<string, string>
        {
            ["/bin/virtap"] = Repository.PathOf("out", "arm64", "virtap"),
            ["/bin/busy"] = await CompileAsync("busy", Path.Combine(AppContext.BaseDirectory, "Targets", "busy.c"), "-pthread"),
            ["/bin/ends"] = await CompileAsync("ends", Path.Combine(AppContext.BaseDirectory, "Targets", "ends.c")),
            ["/bin/many"] = await CompileAsync("many", many),
            ["/bin/target"] = await CompileAsync("target", Repository.PathOf("tests", "language", "target.c"), "-g"),
            ["/bin/once"] = once,
            ["/bin/slowly"] = slowly,
            ["/idle"] = idle,
            ["/virtio.stap"] = Repository.PathOf("examples", "virtio.stap"),
        };
        foreach (var (there, text) in Arm64Specs.Files())
        {
            var here = Path.Combine(_folder, files.Count.ToString(CultureInfo.InvariantCulture));
            await File.WriteAllTextAsync(here, text);
            files[there] = here;
        }

        return files;
    }

    private async Task<string> ScriptAsync(string name, string text)
    {
        var script = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(script, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return script;
    }

    private async Task<string> CompileAsync(string name, string source, params string[] options)
    {
        // The host's header of marks serves both processors; the rest of its folder does not.
        var headers = Directory.CreateDirectory(Path.Combine(_folder, "include", "sys")).FullName;
        foreach (var header in Directory.EnumerateFiles("/usr/include/x86_64-linux-gnu/sys", "sdt*.h"))
            File.Copy(header, Path.Combine(headers, Path.GetFileName(header)), overwrite: true);
        var program = Path.Combine(_folder, name);
        var made = await Command.RunAsync(
            "aarch64-linux-gnu-gcc",
            ["-O2", "-Wall", "-Werror", "-isystem", Path.Combine(_folder, "include"), .. options, "-o", program, source]);
        return made.Status == 0 ? program : throw new InvalidOperationException(made.Error);
    }
}

/// <summary>The tests that share the machine.</summary>
[CollectionDefinition(Name)]
public sealed class Arm64Collection : ICollectionFixture<Arm64Machine>
{
    /// <summary>Its name.</summary>
    public const string Name = "aarch64";
}
