using System.Runtime.InteropServices;

namespace Virtap.Language.Syntax.Preprocessing;

/// <summary>
/// What a script can ask about the machine and the session while it is read: the preprocessor's variables, the arguments, the library's
/// macros.
/// </summary>
public sealed record LanguageEnvironment
{
    /// <summary>The kernel's release, as <c>uname -r</c> says it: <c>kernel_vr</c>, and up to the first <c>-</c> <c>kernel_v</c>.</summary>
    public string KernelRelease { get; init; } = "6.1.0";

    /// <summary>This machine's processor, in SystemTap's names.</summary>
    public static string HostArchitecture { get; } =
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x86_64";

    /// <summary><c>arch</c>: x86_64, arm64, i386, s390, powerpc …</summary>
    public string Architecture { get; init; } = HostArchitecture;

    /// <summary><c>systemtap_v</c>: the version whose language is meant (--compatible).</summary>
    public string SystemTapVersion { get; init; } = "5.2";

    /// <summary><c>guru_mode</c> (-g); also whether embedded C may stand in the script.</summary>
    public bool IsGuru { get; init; }

    /// <summary><c>systemtap_privilege</c>: stapdev, stapsys or stapusr.</summary>
    public string Privilege { get; init; } = "stapdev";

    /// <summary><c>runtime</c>; scripts take the branch that the kernel's runtime has.</summary>
    public string Runtime { get; init; } = "kernel";

    /// <summary>The value of a kernel configuration option (<c>CONFIG_SMP</c>), null where it is not set.</summary>
    public Func<string, string?> KernelConfiguration { get; init; } = static _ => null;

    /// <summary>The script's arguments: <c>$1 @1 $# @#</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The numbers of the arguments that some script has put in; all copies of an environment share it.</summary>
    public HashSet<int> UsedArguments { get; } = [];

    /// <summary>Macros that every script may use.</summary>
    public MacroLibrary Macros { get; init; } = MacroLibrary.Empty;

    /// <summary>Whether what is read is part of the library, which may hold embedded C without -g.</summary>
    public bool IsLibrary { get; init; }
}
