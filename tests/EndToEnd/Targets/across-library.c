/* Two names for one function. */
static volatile long counter;

long given(long amount, const char *why)
{
    counter += amount;
    return counter + why[0];
}

long taken(long amount, const char *why) __attribute__((alias("given")));
