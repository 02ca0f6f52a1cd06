namespace Virtap.Bpf.Kernel;

/// <summary>Commands of bpf(2), as <c>enum bpf_cmd</c> numbers them.</summary>
internal enum BpfCommand
{
    MapCreate = 0,
    MapLookup = 1,
    MapUpdate = 2,
    MapDelete = 3,
    MapNextKey = 4,
    ProgramLoad = 5,
    ObjectPin = 6,
    ProgramTestRun = 10,
    ProgramNextId = 11,
    MapNextId = 12,
    ObjectInfo = 15,
    RawTracepointOpen = 17,
    BtfLoad = 18,
    LinkCreate = 28,
    LinkById = 30,
    LinkNextId = 31,
    EnableStatistics = 32,
}
