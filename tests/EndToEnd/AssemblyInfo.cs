// Guests, tracers and busy programs disturb one another's timing, and the machine may have two cores.
[assembly: Xunit.v3.Parallelization(Mode = ParallelMode.None)]
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
