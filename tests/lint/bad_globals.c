/* What globals.cmake is to find, and two things that it is to leave alone. */
int tcv_bad_common;
int tcv_bad_data = 1;
static int bad_bss;
static const char *const names[] = {"constant", "though relocated"};
static const int numbers[] = {1, 2};

const char *tcv_bad_next(int i);
const char *tcv_bad_next(int i)
{
    static _Thread_local int bad_local;

    bad_bss += numbers[i];
    bad_local += bad_bss;
    return names[bad_local & 1];
}
