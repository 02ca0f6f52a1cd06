using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Virtap.EndToEnd;

/// <summary>What a test needs from the machine. Each method skips the test, with the reason, where it is not there.</summary>
public static class Requirements
{
    // For all tests together.
    private static int s_secondsToWait = 60;

    private static readonly Lazy<Task<string?>> Attaching = new(WhyNotAttachingAsync);
    private static readonly Lazy<Task<string?>> GuestImage = new(() => WhyNotMadeAsync("no guest image", 5, "guest/build"));
    private static readonly Lazy<Task<string?>> Arm64Image = new(() => WhyNotMadeAsync("no aarch64 guest", 6, "guest/build-arm64"));
    private static readonly Lazy<Task<string?>> Arm64Build = new(() => WhyNotMadeAsync("no Virtap for aarch64", 12, "build", "--arm64"));

    /// <summary>The tracer can attach to another process: root, a kernel with eBPF, a Virtap that was built.</summary>
    public static async Task AttachingAsync() => SkipFor(await Attaching.Value);

    /// <summary>Virtap can look into another process: root, and a Virtap that was built.</summary>
    public static async Task InspectingAsync() =>
        SkipFor(Environment.IsPrivilegedProcess ? await WhyNotBuiltAsync() : "looking into another process takes root");

    /// <summary>QEMU and a guest to boot: a PC, on a host that is one.</summary>
    public static async Task GuestAsync()
    {
        Assert.SkipUnless(
            RuntimeInformation.OSArchitecture == Architecture.X64, "the guest is a PC, which guest/build makes on x86-64 only");
        Program("qemu-system-x86_64");
        SkipFor(await GuestImage.Value);
    }

    /// <summary>An emulated aarch64 guest, a Virtap for it, and a compiler of programs to be traced there.</summary>
    public static async Task Arm64Async()
    {
        Program("qemu-system-aarch64");
        Program("aarch64-linux-gnu-gcc");
        ExistingFile("/usr/include/x86_64-linux-gnu/sys/sdt.h");
        SkipFor(await Arm64Image.Value);
        SkipFor(await Arm64Build.Value);
    }

    /// <summary>
    /// No QEMU runs that the test did not start: for commands that mean every QEMU of the host. Those of other tests are waited for.
    /// </summary>
    public static async Task NoOtherQemuAsync()
    {
        while (Others() && Interlocked.Decrement(ref s_secondsToWait) >= 0)
            await Task.Delay(1000, TestContext.Current.CancellationToken);
        Assert.SkipWhen(Others(), "another QEMU runs on this machine, and the commands would mean it too");

        static bool Others() =>
            Process.GetProcesses().Any(process => process.ProcessName.StartsWith("qemu-system", StringComparison.Ordinal));
    }

    /// <summary>A program on the PATH.</summary>
    public static void Program(string name) =>
        Assert.SkipWhen(Command.Find(name) is null, $"{name} is not installed");

    /// <summary>A file, such as a header.</summary>
    public static void ExistingFile(string path) => Assert.SkipUnless(File.Exists(path), $"{path} is not there");

    private static void SkipFor(string? reason) => Assert.SkipWhen(reason is not null, reason ?? "");

    private static async Task<string?> WhyNotAttachingAsync()
    {
        if (!Environment.IsPrivilegedProcess)
            return "attaching takes root";
        if (!Directory.Exists("/sys/fs/bpf"))
            return "this kernel has no eBPF (no /sys/fs/bpf)";
        if (await WhyNotBuiltAsync() is { } reason)
            return reason;

        // A Virtap that cannot even run the empty session says why; its own tests are where that is a failure.
        var trial = await Command.RunAsync(VirtapProcess.Binary, ["run", "-e", "probe begin { printf(\"here\\n\") exit() }"]);
        return trial is { Status: 0, Output: "here\n" } ? null : "virtap does not run here: " + trial.Error.Trim();
    }

    private static async Task<string?> WhyNotBuiltAsync()
    {
        if (File.Exists(VirtapProcess.Binary))
            return null;
        var built = await Command.RunAsync(Repository.PathOf("build"), [], TimeSpan.FromMinutes(10));
        return built.Status == 0 ? null : "out/virtap could not be built: " + built.Error.Trim();
    }

    private static async Task<string?> WhyNotMadeAsync(string lack, int minutes, string script, params string[] options)
    {
        try
        {
            var made = await Command.RunAsync(Repository.PathOf(script), options, TimeSpan.FromMinutes(minutes));
            return made.Status == 0 ? null : $"{lack}: {made.Error.Trim()}";
        }
        catch (TimeoutException)
        {
            return $"{lack}: {script} has not ended within {minutes} minutes";
        }
    }
}
