using Virtap.Binaries;
using Virtap.Binaries.Dwarf;
using Virtap.Binaries.Functions;
using Virtap.Language.Binding.Targets;
using Virtap.Names;
using Virtap.Tracing.Probes.Grammar;

namespace Virtap.Tracing.Probes.Families;

/// <summary>
/// process(...).function("name").callee("name"), .callees and .callees(depth): functions, when those named call them. Which do, the
/// code says; that a thread has come that way, the return addresses on its stack. What is inlined counts as called.
/// </summary>
internal sealed class CalleeProbes(TargetPrograms programs)
{
    private const string Callee = "callee", Callees = "callees", Call = "call", Return = "return";

    /// <summary>Ways to one function that a handler tells apart.</summary>
    private const int MaxWays = 64;

    private const long MaxDepth = 16;

    public void AddTo(ProbeGrammar grammar)
    {
        foreach (string process in ProcessForms.Files)
        {
            foreach (string form in (ReadOnlySpan<string>)[
                $"{Callee}(string)", $"{Callee}(string).{Call}", $"{Callee}(string).{Return}", Callees, $"{Callees}(number)"])
                grammar.Add($"{process}.function(string).{form}", Resolve);
        }
    }

    private ProbeResolution Resolve(ProbePoint whole)
    {
        ProbePoint point = ProcessForms.InFile(whole);
        if (FunctionPattern.Parse(point.Components[1].Text!, out string? malformed) is not { } pattern)
            return new ProbeResolution([], malformed);
        ProbePointComponent wanted = point.Components[2];
        if (wanted.Number is < 1 or > MaxDepth)
            return new ProbeResolution([], $"the depth of {Callees} is a number from 1 to {MaxDepth}") { Span = wanted.Span };
        ProbeResolution? problem = null;
        return programs.Resolve(
            whole,
            program =>
            {
                var search = new Search(program, point, pattern);
                List<ProbeTarget> targets = [.. search.Targets()];
                problem ??= search.Problem;
                return targets;
            },
            _ => problem ?? new ProbeResolution(
                [], "no match", $"of what {pattern.Name} calls by name, nothing of the same file is meant") { Span = wanted.Span });
    }

    /// <summary>Code that calls: a function, or a place where one is inlined.</summary>
    private sealed record Caller(string Name, IReadOnlyList<(ulong Start, ulong Length)> Code, DebugFunction? Debug);

    /// <summary>A function and the ways to it.</summary>
    private sealed record Called(string Name, string Place, ulong Address, DebugFunction? Debug, List<CallChain> Ways);

    private sealed class Search(TargetProgram program, ProbePoint point, FunctionPattern pattern)
    {
        private readonly ProbedBinary _binary = program.Binary;
        private readonly Glob _callee = new(point.Components[2].Text ?? "*");
        private readonly bool _isReturn = point.Components[^1].Name == Return;
        private readonly Dictionary<(ulong Address, bool IsInlined), Called> _found = [];
        private string _from = "";

        /// <summary>Why there is nothing, where that is not that nothing matches.</summary>
        public ProbeResolution? Problem { get; private set; }

        public IEnumerable<ProbeTarget> Targets()
        {
            foreach (Caller caller in Callers())
            {
                _found.Clear();
                _from = caller.Debug is { } debug ? $"{debug.Name}@{debug.File}:{debug.Line}" : caller.Name;
                Visit(caller, new CallChain([]), point.Components[2].Number ?? 1);
                foreach (Called called in _found.Values)
                {
                    if (Make(called) is { } target)
                        yield return target;
                }
            }
        }

        private List<Caller> Callers()
        {
            var name = new Glob(pattern.Name);
            HashSet<ulong> known = [];
            List<Caller> callers = [];
            foreach (DebugFunction function in _binary.Debug?.FindFunctions(name) ?? [])
            {
                if (pattern.IsMeant(function) && function.EntryAddress is ulong entry && known.Add(entry))
                    callers.Add(CallerOf(function));
            }

            if (pattern.File is null)
            {
                callers.AddRange(_binary.Functions.Find(name).Where(each => known.Add(each.Address))
                    .Select(static each => new Caller(each.Name, [(each.Address, each.Size)], null)));
            }

            if (callers.Count == 0)
                Problem = new ProbeResolution([], "no match", FunctionProbes.Explain(_binary, pattern));
            return callers;
        }

        private static Caller CallerOf(DebugFunction function) =>
            new(function.Name, [.. function.Ranges.Select(static range => (range.Start, range.End - range.Start))], function);

        /// <summary>What a function calls, and what that calls, as deep as is asked for.</summary>
        /// <param name="caller">The function.</param>
        /// <param name="way">The way to it.</param>
        /// <param name="depth">How many levels below it.</param>
        private void Visit(Caller caller, CallChain way, long depth)
        {
            foreach ((DirectCall call, Called called) in Calls(caller))
            {
                // The last call comes first in a chain.
                CallChain through = new([new ChainedCall(call.ReturnAddress, FrameAt(caller, call.ReturnAddress)), .. way.Calls]);
                Add(called, through);
                if (depth > 1 && CallerAt(called) is { } next)
                    Visit(next, through, depth - 1);
            }

            if (caller.Debug is not { } debug || _isReturn)
                return;
            foreach (DebugFunction inlined in _binary.Debug!.InlinedIn(debug))
            {
                if (inlined.EntryAddress is not ulong entry)
                    continue;
                Add(new Called(inlined.Name, PlaceOf(inlined), entry, inlined, []), way);
                if (depth > 1)
                    Visit(CallerOf(inlined), way, depth - 1);
            }
        }

        private void Add(Called called, CallChain way)
        {
            if (!_callee.IsMatch(called.Name))
                return;
            (ulong, bool) key = (called.Address, called.Debug is { IsInlined: true });
            if (!_found.TryGetValue(key, out Called? known))
                _found.Add(key, known = called);
            known.Ways.Add(way);
        }

        private IEnumerable<(DirectCall Call, Called Called)> Calls(Caller caller)
        {
            foreach ((ulong start, ulong length) in caller.Code)
            {
                foreach (DirectCall call in DirectCalls.In(_binary.Elf, start, length))
                {
                    // What an inlined function calls is called by that one.
                    bool isOwn = caller.Debug is not { } debug
                        || _binary.Debug!.FunctionsAt(call.ReturnAddress - 1) is not [var innermost, ..]
                        || innermost.EntryAddress == debug.EntryAddress;
                    if (isOwn && Find(call.Target) is { } called)
                        yield return (call, called);
                }
            }
        }

        private Called? Find(ulong address)
        {
            if (_binary.Debug?.FunctionsAt(address) is [.., var function] && function.EntryAddress == address)
                return new Called(function.Name, PlaceOf(function), address, function, []);
            return _binary.Functions.At(address) is { } symbol && symbol.Address == address
                ? new Called(symbol.Name, symbol.Name, address, null, []) : null;
        }

        private static string PlaceOf(DebugFunction function) => $"{function.Name}@{function.File}:{function.Line}";

        private Caller? CallerAt(Called called) => called.Debug is { } debug ? CallerOf(debug)
            : _binary.Functions.At(called.Address) is { } symbol ? new Caller(symbol.Name, [(symbol.Address, symbol.Size)], null) : null;

        private static Binaries.Code.MachineExpression? FrameAt(Caller caller, ulong address) => caller.Debug?.FrameAt(address);

        private FunctionTarget? Make(Called called)
        {
            ulong address = _isReturn || _binary.Elf.Architecture == Architecture.Arm64 || called.Debug is not { } debug
                ? _binary.Functions.At(called.Address)?.ProbeAddress ?? called.Address
                : FunctionProbes.AddressOf(_binary, debug, called.Address);
            if (!_binary.Elf.TryFileOffset(address, out ulong offset))
                return null;
            string suffix = point.Components.Count > 3 ? "." + point.Components[^1].Name : "";
            string place = $"{program.Prefix}.function(\"{_from}\").{Callee}(\"{called.Place}\"){suffix}";
            var target = new FunctionTarget(_binary, place, called.Name, address, offset, _isReturn, program.Process)
            {
                Debug = called.Debug,
                Owner = program.Owner,
                Callers = called.Ways.Exists(static way => way.Calls.Count == 0) ? null : called.Ways,
            };
            return CanBeTold(target) ? target : null;
        }

        private bool CanBeTold(FunctionTarget target)
        {
            if (target.Callers is not { } ways)
                return true;
            Architecture processor = _binary.Elf.Architecture ?? HostArchitecture.Current;
            string? problem = ways.Count > MaxWays ? $"more than {MaxWays} ways lead from {_from} to {target.Function}"
                : ways.Any(way => way.Condition(processor, target.FrameOfCode, target.ByReturnAddress) is null)
                    ? $"the frames between {_from} and {target.Function} are not described in a way that a probe can follow" : null;
            if (problem is not null)
                Problem = new ProbeResolution([], problem) { Span = point.Components[2].Span };
            return problem is null;
        }
    }
}
