/*
 * peak_loop.h - the loop of peak.c, a template without include guard
 *
 * Defines  LOOP_TARGET double LOOP_NAME(long steps, double factor, double term):
 *
 *     repeat steps times:  a_c = a_c * factor + term   for each chain c
 *
 * on vectors of LOOP_BYTES bytes of LOOP_ELEMENT, with the chains that LOOP_CHAINS(STEP) lists.
 *
 * Every chain waits for itself alone, so the loop runs at the rate of the multipliers as soon as
 * chains >= latency * multiplications a cycle: 4 * 2 = 8 on a recent core, 5 * 2 = 10 on an older
 * one.  More chains forgive a core that schedules badly, but chains, factor and term must all stay
 * in registers: 32 of them allow 24 chains, 16 allow 12.  A chain that is spilled costs a store and
 * a load a step, and the loop reads half the peak; the test bench/peak_disassembly looks for that.
 *
 * With factor < 1 the chains tend to term / (1 - factor): no overflow and no denormal, which
 * would be slower on some machines.  They start at different values, so none is another's copy,
 * and their sum is returned, so none is dead.
 */
#define LOOP_DECLARE(c) vec a##c = base * (LOOP_ELEMENT)(c + 1);
#define LOOP_STEP(c) a##c = a##c * multiplier + addend;
#define LOOP_SUM(c) sum += a##c;

LOOP_TARGET __attribute__((noinline))
double LOOP_NAME(long steps, double factor, double term)
{
    typedef LOOP_ELEMENT vec __attribute__((vector_size(LOOP_BYTES)));
    const vec multiplier = (LOOP_ELEMENT)factor - (vec){0};
    const vec addend = (LOOP_ELEMENT)term - (vec){0};
    const vec base = addend * addend;
    vec sum = {0};
    double total = 0.0;

    LOOP_CHAINS(LOOP_DECLARE)
    for (long step = 0; step < steps; step++) {
        LOOP_CHAINS(LOOP_STEP)
    }
    LOOP_CHAINS(LOOP_SUM)
    for (size_t i = 0; i < LOOP_BYTES / sizeof(LOOP_ELEMENT); i++)
        total += (double)sum[i];
    return total;
}

#undef LOOP_DECLARE
#undef LOOP_STEP
#undef LOOP_SUM
#undef LOOP_NAME
#undef LOOP_ELEMENT
