// The tests probe one file: the kernel refuses two tracers of a place that disagree about its semaphore, and times would disturb each
// other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
