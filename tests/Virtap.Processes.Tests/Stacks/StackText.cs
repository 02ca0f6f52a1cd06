using Virtap.Binaries.Images;
using Virtap.Processes.Stacks;

namespace Virtap.Processes.Tests.Stacks;

/// <summary>Stacks as <see cref="GdbStack"/> has them: names, and lines where they are known; up to main.</summary>
internal static class StackText
{
    public static string[] Names(CodeMap code, ThreadStack trace)
    {
        List<string> names = [];
        foreach (StackFrame frame in trace.Frames)
        {
            ResolvedAddress address = code.Describe(frame.Address, frame.IsReturnAddress);
            if (frame.IsSignalTrampoline)
                names.Add("<signal handler called>");
            else if (address.Scopes.Count == 0)
                // gdb leaves out what GCC puts behind the name of a part of a function.
                names.Add(GdbStack.Plain(address.Symbol?.Name.Replace(".part.0", ".part", StringComparison.Ordinal) ?? "??"));
            foreach (CodeScope scope in frame.IsSignalTrampoline ? [] : address.Scopes)
                names.Add(GdbStack.Plain(scope.Function.Name) + (scope.Line is { } line ? $":{line.Line}" : ""));
            if (names[^1].Split(':')[0] == "main")
                break;
        }

        return [.. names];
    }
}
