using System.Globalization;

namespace Virtap.Bpf.Kernel;

/// <summary>What this process may do with eBPF, in words; from <c>/proc</c>, without trying.</summary>
public static class Privileges
{
    private const int CapSysAdmin = 21;
    private const int CapPerfmon = 38;
    private const int CapBpf = 39;

    // The host's own user namespace: PROC_USER_INIT_INO of linux/proc_ns.h.
    private const string HostNamespace = "user:[4026531837]";

    /// <summary>
    /// Whether the effective capabilities suffice: CAP_BPF with CAP_PERFMON (5.8), or CAP_SYS_ADMIN, of the host. Those of a user
    /// namespace (a container's root, <c>unshare -r</c>) are for what belongs to that one.
    /// </summary>
    public static bool Suffice => IsOfHost && HasCapabilities;

    private static bool HasCapabilities
    {
        get
        {
            ulong effective = Effective();
            return Has(effective, CapSysAdmin) || (Has(effective, CapBpf) && Has(effective, CapPerfmon));
        }
    }

    private static bool IsOfHost
    {
        get
        {
            try
            {
                return new FileInfo("/proc/self/ns/user").LinkTarget is null or HostNamespace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return true;
            }
        }
    }

    /// <summary>A sentence that says what is missing, or what else may forbid it where nothing is.</summary>
    public static string Explain()
    {
        ulong effective = Effective();
        if (Suffice)
        {
            string lockdown = ReadLine("/sys/kernel/security/lockdown");
            return lockdown.Contains("[confidentiality]", StringComparison.Ordinal)
                ? "the capabilities are there, but kernel lockdown is in confidentiality mode, which forbids tracing"
                : "the capabilities are there; a container's seccomp filter, a security module or (before kernel 5.11) a small "
                    + "RLIMIT_MEMLOCK may forbid it";
        }

        if (HasCapabilities)
            return "needs root of the host, or its CAP_BPF with CAP_PERFMON; root of this user namespace has them for the namespace alone";
        string missing = (Has(effective, CapBpf), Has(effective, CapPerfmon)) switch
        {
            (true, false) => "CAP_PERFMON is missing",
            (false, true) => "CAP_BPF is missing",
            _ => "CAP_BPF and CAP_PERFMON are missing",
        };
        string setting = ReadLine("/proc/sys/kernel/unprivileged_bpf_disabled");
        return $"needs root, or CAP_BPF with CAP_PERFMON; {missing}"
            + (setting.Length > 0 ? $" (kernel.unprivileged_bpf_disabled is {setting})" : "");
    }

    private static bool Has(ulong set, int capability) => (set >> capability & 1) != 0;

    private static ulong Effective()
    {
        try
        {
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("CapEff:", StringComparison.Ordinal)
                    && ulong.TryParse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong set))
                    return set;
            }
        }
        catch (IOException)
        {
            // Without /proc nothing is known; the caller reads it as no capabilities.
        }

        return 0;
    }

    private static string ReadLine(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
