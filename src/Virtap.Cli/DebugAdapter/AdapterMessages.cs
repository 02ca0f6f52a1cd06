using System.Text.Json;
using System.Text.Json.Serialization;

namespace Virtap.Cli.DebugAdapter;

// What the debug adapter protocol (version 1.6x) sends, as far as this adapter speaks it; names are the protocol's.

/// <summary>initialize: how the client counts lines, and names files.</summary>
internal sealed record InitializeArguments(bool LinesStartAt1 = true, string? PathFormat = null);

/// <summary>launch: what to start. <paramref name="Env"/> is refused: the program has this process's environment.</summary>
internal sealed record LaunchArguments(
    string? Program = null, IReadOnlyList<string>? Args = null, string? Cwd = null, JsonElement? Env = null, bool StopOnEntry = false,
    bool StopAtBeginningOfMainSubprogram = false, bool NoDebug = false);

/// <summary>attach: a process, or a core with its program.</summary>
internal sealed record AttachArguments(
    int? Pid = null, int? ProcessId = null, string? CoreFile = null, string? Program = null, bool StopOnEntry = false);

/// <summary>disconnect: whether the process is to be ended; where nothing is said, one that was started here is.</summary>
internal sealed record DisconnectArguments(bool? TerminateDebuggee = null);

/// <summary>setBreakpoints: all those of one file.</summary>
internal sealed record SetBreakpointsArguments(SourceInfo? Source = null, IReadOnlyList<WantedBreakpoint>? Breakpoints = null);

/// <summary>setFunctionBreakpoints: all of them.</summary>
internal sealed record SetFunctionBreakpointsArguments(IReadOnlyList<WantedBreakpoint>? Breakpoints = null);

/// <summary>A breakpoint of a line or of a function.</summary>
internal sealed record WantedBreakpoint(
    int Line = 0, string? Name = null, string? Condition = null, string? HitCondition = null, string? LogMessage = null);

/// <summary>stackTrace: some frames of a thread.</summary>
internal sealed record StackTraceArguments(int ThreadId = 0, int StartFrame = 0, int Levels = 0);

/// <summary>scopes: of a frame.</summary>
internal sealed record ScopesArguments(int FrameId = 0);

/// <summary>variables: some of those that a reference stands for.</summary>
internal sealed record VariablesArguments(int VariablesReference = 0, int Start = 0, int Count = 0);

/// <summary>evaluate: an expression, in a frame.</summary>
internal sealed record EvaluateArguments(string Expression = "", int? FrameId = null, string? Context = null);

/// <summary>continue, next, stepIn, stepOut, pause: which thread.</summary>
internal sealed record ThreadArguments(int ThreadId = 0, string? Granularity = null);

/// <summary>What this adapter can do.</summary>
internal sealed record Capabilities(
    bool SupportsConfigurationDoneRequest = true, bool SupportsFunctionBreakpoints = true, bool SupportsConditionalBreakpoints = true,
    bool SupportsHitConditionalBreakpoints = true, bool SupportsEvaluateForHovers = true, bool SupportTerminateDebuggee = true,
    bool SupportsTerminateRequest = true, bool SupportsSteppingGranularity = true, bool SupportsDelayedStackTraceLoading = true);

internal sealed record SourceInfo(string? Name = null, string? Path = null);

internal sealed record BreakpointList(IReadOnlyList<BreakpointInfo> Breakpoints);

internal sealed record BreakpointInfo(int? Id, bool Verified, string? Message = null, SourceInfo? Source = null, int? Line = null);

internal sealed record ThreadList(IReadOnlyList<ThreadInfo> Threads);

internal sealed record ThreadInfo(int Id, string Name);

internal sealed record StackTraceBody(IReadOnlyList<FrameInfo> StackFrames, int TotalFrames);

internal sealed record FrameInfo(
    int Id, string Name, SourceInfo? Source, int Line, int Column, string InstructionPointerReference, string? PresentationHint);

internal sealed record ScopeList(IReadOnlyList<ScopeInfo> Scopes);

internal sealed record ScopeInfo(string Name, int VariablesReference, bool Expensive, string? PresentationHint = null);

internal sealed record VariableList(IReadOnlyList<VariableInfo> Variables);

internal sealed record VariableInfo(
    string Name, string Value, string? Type, int VariablesReference, int? IndexedVariables = null, string? EvaluateName = null);

internal sealed record Evaluated(string Result, string? Type, int VariablesReference, int? IndexedVariables = null);

internal sealed record Continued(bool AllThreadsContinued = true);

/// <summary>Events.</summary>
internal sealed record StoppedEvent(
    string Reason, int? ThreadId, bool AllThreadsStopped = true, string? Description = null, string? Text = null,
    IReadOnlyList<int>? HitBreakpointIds = null);

internal sealed record OutputEvent(string Category, string Output);

internal sealed record ThreadEvent(string Reason, int ThreadId);

internal sealed record ExitedEvent(int ExitCode);

internal sealed record ProcessEvent(string Name, int? SystemProcessId, bool IsLocalProcess, string StartMethod);

internal sealed record BreakpointEvent(string Reason, BreakpointInfo Breakpoint);

internal sealed record Nothing;

/// <summary>Serializers of the messages, made when this is compiled.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(InitializeArguments))]
[JsonSerializable(typeof(LaunchArguments))]
[JsonSerializable(typeof(AttachArguments))]
[JsonSerializable(typeof(DisconnectArguments))]
[JsonSerializable(typeof(SetBreakpointsArguments))]
[JsonSerializable(typeof(SetFunctionBreakpointsArguments))]
[JsonSerializable(typeof(StackTraceArguments))]
[JsonSerializable(typeof(ScopesArguments))]
[JsonSerializable(typeof(VariablesArguments))]
[JsonSerializable(typeof(EvaluateArguments))]
[JsonSerializable(typeof(ThreadArguments))]
[JsonSerializable(typeof(Capabilities))]
[JsonSerializable(typeof(BreakpointList))]
[JsonSerializable(typeof(ThreadList))]
[JsonSerializable(typeof(StackTraceBody))]
[JsonSerializable(typeof(ScopeList))]
[JsonSerializable(typeof(VariableList))]
[JsonSerializable(typeof(Evaluated))]
[JsonSerializable(typeof(Continued))]
[JsonSerializable(typeof(StoppedEvent))]
[JsonSerializable(typeof(OutputEvent))]
[JsonSerializable(typeof(ThreadEvent))]
[JsonSerializable(typeof(ExitedEvent))]
[JsonSerializable(typeof(ProcessEvent))]
[JsonSerializable(typeof(BreakpointEvent))]
[JsonSerializable(typeof(Nothing))]
internal sealed partial class AdapterMessages : JsonSerializerContext;
