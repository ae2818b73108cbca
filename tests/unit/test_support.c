/*
 * test_support.c - the tests' own tools: problem strings, the generator, guards
 */
#include <string.h>

#include "support/axes.h"
#include "support/field.h"
#include "support/generate.h"
#include "support/suite.h"
#include "support/table.h"

static void round_trip(const struct problem *p)
{
    char text[PROBLEM_TEXT];
    struct problem again;

    problem_print(p, text);
    if (!problem_parse(text, &again) || memcmp(&again, p, sizeof again) != 0)
        fail_msg("%s does not parse to what it was printed from", text);
}

static void printed_problems_parse_back(void **state)
{
    struct problem p;

    for (size_t i = 0; i < nasty_count; i++) {
        p = problem_from(nasty_problems[i]);
        round_trip(&p);
    }
    for (size_t i = 0; i < network_count; i++) {
        p = problem_from(network_problems[i]);
        round_trip(&p);
    }
    for (uint64_t seed = 0; seed < 2000; seed++) {
        p = generate_problem(seed);
        round_trip(&p);
    }
    (void)state;
}

static void fields_go_where_they_belong(void **state)
{
    const struct problem p = problem_from(
        "g2mb3ic4oc6_id1kd2_ih5oh9kh3sh2dh1ph1_iw7kw4sw3pw-2qw5aw6+bias+clip:-1:2_n\"x\"");
    const tconv_desc *d = &p.desc;

    assert_int_equal(d->spatial_rank, 3);
    assert_true(d->groups == 2 && p.input[0] == 3 && p.input[1] == 4 && p.weights[0] == 4);
    assert_true(p.weights[1] == 3 && d->epilogue.bias_length == 6);
    assert_true(p.input[2] == 1 && p.weights[2] == 2 && d->stride[0] == 1);
    assert_true(p.input[3] == 5 && d->output_size[1] == 9 && p.weights[3] == 3);
    assert_true(d->stride[1] == 2 && d->dilation[1] == 2 && d->pad_begin[1] == 1);
    assert_true(d->pad_end[1] == 0); /* follows from the output size */
    assert_true(p.input[4] == 7 && p.weights[4] == 4 && d->stride[2] == 3);
    assert_true(d->pad_begin[2] == -2 && d->pad_end[2] == 5 && d->output_padding[2] == 6);
    assert_true(d->epilogue.activation == TCONV_ACTIVATION_CLIP && d->epilogue.alpha == -1.0 &&
                d->epilogue.beta == 2.0);
    (void)state;
}

static void wrong_strings_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",           "ic1oc1",         "ic1oc1_iw",         "ic1oc1_iw3",   "ic1oc1_kw3",
        "iw3kw3zw2",  "iw3kw3+",        "iw3kw3+nothing",    "g2oc3iw3kw3",  "g0iw3kw3",
        "iw3kw3 sw2", "iw3kw3+leaky",   "iw3kw3+clip:1",     "ih3kh3kw3",    "iw3kw3s",
        "iw3kw3sx2",  "iw3kw3+leaky:x", "iw3kw3+biasscale",
    };
    struct problem p;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (problem_parse(wrong[i], &p))
            fail_msg("\"%s\" is taken for a problem", wrong[i]);
    (void)state;
}

/* Each thing that the generator is said to cover does occur. */
static void generator_covers_its_range(void **state)
{
    int uneven = 0, negative = 0, same = 0, valid = 0, sized = 0, padded = 0, grouped = 0;
    int empty = 0, gaps = 0, dilated = 0, ranks[4] = {0}, activations[6] = {0};

    for (uint64_t seed = 0; seed < 400; seed++) {
        const struct problem p = generate_problem(seed);
        const tconv_desc *d = &p.desc;

        ranks[d->spatial_rank]++;
        activations[d->epilogue.activation]++;
        same += d->auto_pad == TCONV_PAD_SAME_UPPER || d->auto_pad == TCONV_PAD_SAME_LOWER;
        valid += d->auto_pad == TCONV_PAD_VALID;
        grouped += d->groups > 1;
        empty += p.input[0] == 0;
        for (int a = 0; a < d->spatial_rank; a++) {
            uneven += d->pad_begin[a] != d->pad_end[a];
            negative += d->pad_begin[a] < 0 || d->pad_end[a] < 0;
            sized += d->output_size[a] > 0;
            padded += d->output_padding[a] > 0;
            dilated += d->dilation[a] > 1;
            gaps += d->stride[a] > d->dilation[a] * (p.weights[a + 2] - 1) + 1;
        }
    }
    assert_true(uneven > 20 && negative > 20 && same > 20 && valid > 10 && sized > 20);
    assert_true(padded > 20 && grouped > 20 && empty > 5 && gaps > 20 && dilated > 20);
    for (int i = 1; i <= 3; i++)
        assert_true(ranks[i] > 40);
    for (int i = 0; i < 6; i++)
        assert_true(activations[i] > 15);
    (void)state;
}

/* No two elements of a view share a place, and its gaps are seen when touched. */
static void views_have_gaps(void **state)
{
    const int64_t size[] = {2, 3, 4, 5};

    for (unsigned form = 0; form < 5; form++) {
        struct field f;
        bool in_order = true;

        field_create(&f, TCONV_F32, PLACE_VIEW, form, 4, size, GUARD_END);
        for (int64_t i = 0; i < 120; i++)
            field_set(&f, i, (double)i);
        for (int64_t i = 0; i < 120; i++)
            in_order = in_order && field_get(&f, i) == (double)i;
        assert_true(in_order);
        assert_true(field_gaps_intact(&f));
        assert_true(f.memory.bytes > 120 * sizeof(float));
        for (size_t i = 0; i < f.memory.bytes; i++) { /* some byte is in a gap */
            const unsigned char kept = f.memory.data[i];

            f.memory.data[i] = 0;
            if (!field_gaps_intact(&f))
                in_order = false;
            f.memory.data[i] = kept;
        }
        assert_false(in_order);
        field_destroy(&f);
    }
    (void)state;
}

static void guards_see_what_is_beside(void **state)
{
    struct guard end, begin;
    uint64_t hash;

    guard_create(&end, 100, GUARD_END);
    guard_create(&begin, 100, GUARD_BEGIN);
    assert_true(guard_intact(&end) && guard_intact(&begin));
    end.data[-1] = 0;
    begin.data[100] = 0;
    assert_false(guard_intact(&end));
    assert_false(guard_intact(&begin));
    for (int i = 0; i < 100; i++) {
        hash = guard_hash(&end);
        end.data[i] ^= 1;
        assert_true(guard_hash(&end) != hash);
    }
    guard_destroy(&end);
    guard_destroy(&begin);
    (void)state;
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "support"};

    suite_add(&suite, printed_problems_parse_back, NULL, NULL, NULL, "support/round-trip");
    suite_add(&suite, fields_go_where_they_belong, NULL, NULL, NULL, "support/parse");
    suite_add(&suite, wrong_strings_are_refused, NULL, NULL, NULL, "support/refuse");
    suite_add(&suite, generator_covers_its_range, NULL, NULL, NULL, "support/generator");
    suite_add(&suite, views_have_gaps, NULL, NULL, NULL, "support/views");
    suite_add(&suite, guards_see_what_is_beside, NULL, NULL, NULL, "support/guards");
    return suite_run(&suite, argc, argv) != 0;
}
