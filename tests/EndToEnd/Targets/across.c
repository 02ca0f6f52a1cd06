/* Calls a function of a library by another name than its own, from a function of which there are two instances. */
extern long taken(long amount, const char *why);

static inline long kept(long value)
{
    static long calls;
    calls += value;
    return taken(7, "because") + calls;
}

long (*pointer)(long) = kept;

int main(void)
{
    volatile long three = 3;
    long sum = kept(three);
    return (int)(pointer(sum) & 1);
}
