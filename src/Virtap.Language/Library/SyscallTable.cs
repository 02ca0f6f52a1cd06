using System.Globalization;
using System.Text;

namespace Virtap.Language.Library;

/// <summary>A system call of Linux, as <c>Tapset/syscalls.txt</c> describes it.</summary>
/// <param name="Name">Its name in the kernel.</param>
/// <param name="Aliases">The names after <c>syscall.</c></param>
/// <param name="X64">Its number on x86-64; null where it has none.</param>
/// <param name="Arm64">Its number on arm64; null where it has none.</param>
/// <param name="ReturnsAddress">Whether its result is shown in hexadecimal.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Format">What argstr is, where it is not the arguments in their order.</param>
public sealed record Syscall(
    string Name,
    IReadOnlyList<string> Aliases,
    int? X64,
    int? Arm64,
    bool ReturnsAddress,
    IReadOnlyList<SyscallArgument> Arguments,
    string? Format);

/// <summary>An argument of a system call: the variable's name, what is made of it, and which argument of the call it is, from 1.</summary>
public readonly record struct SyscallArgument(string Name, string Type, int Number);

/// <summary>The system calls, read when one is asked for, and the aliases that they are known by in scripts.</summary>
public static class SyscallTable
{
    /// <summary>The name of the library file that is made of the table.</summary>
    internal const string File = "syscalls.stp";

    /// <summary>As many bytes of what is written or sent stand in argstr, quotes included (SystemTap's syscall_string_trunc).</summary>
    private const int MaxData = 50;

    private static readonly Lazy<IReadOnlyList<Syscall>> s_all = new(Read);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Syscall> All => s_all.Value;

    /// <summary>
    /// The library file: <c>nd_syscall.NAME</c>, <c>syscall.NAME</c> and their returns, written as scripts are. What is the same for many
    /// calls is written alike, so that one handler serves all of them: their names are asked of what was hit.
    /// </summary>
    internal static string WriteAliases()
    {
        var text = new StringBuilder();
        foreach (Syscall call in All)
        {
            foreach (string alias in call.Aliases)
            {
                text.Append(CultureInfo.InvariantCulture, $$"""
                    probe nd_syscall.{{alias}} = __syscall("{{(alias == call.Name ? alias : $"{call.Name}={alias}")}}")
                    {
                    	name = __syscall_name()
                    {{Variables(call)}}	argstr = {{Argstr(call)}}
                    }
                    probe nd_syscall.{{alias}}.return = __syscall("{{(alias == call.Name ? alias : $"{call.Name}={alias}")}}").return
                    {
                    	name = __syscall_name()
                    	retval = $return
                    	retstr = return_str({{(call.ReturnsAddress ? 2 : 1)}}, $return)
                    }
                    probe syscall.{{alias}} = nd_syscall.{{alias}} {}
                    probe syscall.{{alias}}.return = nd_syscall.{{alias}}.return {}

                    """);
            }
        }

        foreach (SyscallWords words in SyscallWords.Read())
            words.WriteFunction(text);
        return text.ToString();
    }

    private static string Variables(Syscall call)
    {
        var text = new StringBuilder();
        foreach ((string name, string type, int number) in call.Arguments)
        {
            string value = type switch
            {
                "long" or "ulong" or "ptr" => $"$arg{number}",
                "uint" => $"$arg{number} & 0xffffffff",
                "int32" => $"user_int32($arg{number})",
                "int32second" => $"user_int32($arg{number} + 4)",
                "int64" => $"user_int64($arg{number})",
                "int64second" => $"user_int64($arg{number} + 8)",
                "zero" => "0",
                "zerostr" => "\"0x0\"",
                "path" => $"user_string_quoted($arg{number})",
                "data" => $"user_buffer_quoted($arg{number}, $arg{number + 1}, {MaxData})",
                _ when type[0] == '=' => $"__syscall_{type[1..]}($arg{number} << 32 >> 32)",
                _ when IsStructure(type) => $"__syscall_{type}($arg{number})",
                _ when type.StartsWith("sockaddr", StringComparison.Ordinal) =>
                    $"__syscall_{type}($arg{number}, $arg{number + 1} & 0xffffffff)",
                _ => $"$arg{number} << 32 >> 32",
            };
            text.Append(CultureInfo.InvariantCulture, $"\t{name} = {value}\n");
            if (type == "path")
                text.Append(CultureInfo.InvariantCulture, $"\t{name}_unquoted = user_string_nofault($arg{number})\n");
            if (type == "flags")
                text.Append(CultureInfo.InvariantCulture, $"\t{name}_str = sprintf(\"0x%x\", {name} & 0xffffffff)\n");
            else if (ConversionOf(type) is null)
                text.Append(CultureInfo.InvariantCulture, $"\t{name}_str = __syscall_{type}({name})\n");
            if (type == "signal")
                text.Append(CultureInfo.InvariantCulture, $"\t{name}_name = {name}_str\n");
        }

        return text.ToString();
    }

    private static string Argstr(Syscall call)
    {
        string format = call.Format ?? string.Join(", ", call.Arguments.Select(static argument =>
            ConversionOf(argument.Type) is { } conversion ? $"{conversion}{{{argument.Name}}}" : $"{{{argument.Name}_str}}"));
        var text = new StringBuilder("sprintf(\"");
        var values = new List<string>();
        for (int at = 0; at < format.Length;)
        {
            int end = format[at] is '%' or '{' ? format.IndexOf('}', at) : -1, open = end < 0 ? -1 : format.IndexOf('{', at);
            bool isValue = open >= 0 && end > open && !format.AsSpan(open + 1, end - open - 1).ContainsAny("%{ ");
            if (!isValue)
            {
                text.Append(format[at++]);
                continue;
            }

            text.Append(open == at ? "%s" : format[at..open]);
            values.Add(format[(open + 1)..end]);
            at = end + 1;
        }

        return values.Count == 0 ? $"\"{format}\"" : $"{text}\", {string.Join(", ", values)})";
    }

    /// <summary>How argstr shows an argument that is shown as it is; null for those that have words.</summary>
    private static string? ConversionOf(string type) => type switch
    {
        "int" or "long" or "int32" or "int32second" or "int64" or "int64second" or "zero" => "%d",
        "uint" or "ulong" => "%u",
        "ptr" => "%p",
        "path" or "data" or "zerostr" => "%s",
        _ when IsStructure(type) || type[0] == '=' || type.StartsWith("sockaddr", StringComparison.Ordinal) => "%s",
        _ => null,
    };

    /// <summary>Whether an argument points to what is shown in words.</summary>
    private static bool IsStructure(string type) =>
        type is "timespec" or "timespecs" or "timeval" or "timevals" or "itimerval" or "itimerspec" or "rlimit" or "argv";

    private static List<Syscall> Read()
    {
        string lines = Tapset.ReadText("syscalls.txt").Replace("\n\t", " ", StringComparison.Ordinal);
        var calls = new List<Syscall>();
        foreach (string line in lines.Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#')
                calls.Add(Parse(line));
        }

        return calls;
    }

    private static Syscall Parse(string line)
    {
        string[] halves = line.Split(" | ", 2);
        string[] words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] names = words[0].Split('=');
        bool isAddress = words.Length > 3 && words[3] == "hex";
        var arguments = new List<SyscallArgument>();
        foreach (string word in words.Skip(isAddress ? 4 : 3))
        {
            string[] parts = word.Split(':', '@');
            arguments.Add(new SyscallArgument(
                parts[0], parts[1], parts.Length > 2 ? int.Parse(parts[2], CultureInfo.InvariantCulture) : arguments.Count + 1));
        }

        return new Syscall(
            names[0], names[^1].Split(','), NumberOf(words[1]), NumberOf(words[2]), isAddress, arguments,
            halves.Length > 1 ? halves[1] : null);
    }

    private static int? NumberOf(string word) => word == "-" ? null : int.Parse(word, CultureInfo.InvariantCulture);
}
