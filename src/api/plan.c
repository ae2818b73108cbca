/* plan.c - entry points that make, resize and explain plans */
#include <inttypes.h>
#include <string.h>

#include "api/options.h"
#include "base/alloc.h"
#include "base/cpu.h"
#include "core/error.h"
#include "plan/explain.h"
#include "plan/plan.h"

/* like: NULL, or the plan whose packed weights the new one must be able to use. */
static tconv_status create(const tconv_desc *desc, const tconv_tensor *input,
                           const tconv_tensor *weights, const tconv_tensor *output,
                           const tconv_options *options, const tconv_plan *like,
                           tconv_plan **plan_out, tconv_error *error)
{
    tconv_status status;
    tconv_plan *plan;

    if (input == NULL || weights == NULL || output == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        input == NULL     ? "input"
                        : weights == NULL ? "weights"
                                          : "output");

    /* From here something may be owned: leave at the end or through fail. */
    plan = tcv_alloc(sizeof *plan);
    if (plan == NULL) {
        status = tcv_fail(error, TCONV_ERR_OUT_OF_MEMORY, "plan: no memory for %zu bytes",
                          sizeof *plan);
        goto fail;
    }
    memset(plan, 0, sizeof *plan);
    plan->desc = *desc;
    plan->weights = *weights;
    plan->options = *options;
    plan->features = tcv_cpu_features();
    status = tcv_check_options(&plan->options, error);
    if (status != TCONV_OK)
        goto fail;
    status = tcv_problem_init(desc, input, weights, output, &plan->problem, error);
    if (status != TCONV_OK)
        goto fail;
    status = tcv_plan_choose(plan, like, error);
    if (status != TCONV_OK)
        goto fail;

    *plan_out = plan;
    return TCONV_OK;

fail:
    tconv_plan_destroy(plan);
    return status;
}

tconv_status tconv_plan_create(const tconv_desc *desc, const tconv_tensor *input,
                               const tconv_tensor *weights, const tconv_tensor *output,
                               const tconv_options *options, tconv_plan **plan_out,
                               tconv_error *error)
{
    const tconv_options defaults = tconv_options_default();

    if (plan_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "plan_out is NULL");
    *plan_out = NULL; /* a caller that ignores the status then holds no garbage */
    if (desc == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "desc is NULL");
    return create(desc, input, weights, output, options != NULL ? options : &defaults, NULL,
                  plan_out, error);
}

tconv_status tconv_plan_resize(const tconv_plan *plan, const tconv_tensor *input,
                               const tconv_tensor *output, tconv_plan **plan_out,
                               tconv_error *error)
{
    tconv_desc desc;

    if (plan_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "plan_out is NULL");
    *plan_out = NULL;
    if (plan == NULL || output == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        plan == NULL ? "plan" : "output");

    desc = plan->desc;
    for (int a = 0; a < desc.spatial_rank; a++)
        if (desc.output_size[a] > 0 && output->rank == desc.spatial_rank + 2)
            desc.output_size[a] = output->size[a + 2];
    return create(&desc, input, &plan->weights, output, &plan->options, plan, plan_out, error);
}

void tconv_plan_destroy(tconv_plan *plan)
{
    tcv_free(plan);
}

size_t tconv_plan_workspace_size(const tconv_plan *plan)
{
    return plan == NULL ? 0 : plan->workspace_bytes;
}

const char *tconv_algorithm_name(tconv_algorithm algorithm)
{
    const struct tcv_algo *algo = tcv_algo_find(algorithm);

    if (algorithm == TCONV_ALGORITHM_AUTO)
        return "auto";
    return algo == NULL ? NULL : algo->name;
}

tconv_status tconv_plan_explain(const tconv_plan *plan, tconv_explanation *explanation_out,
                                tconv_error *error)
{
    if (plan == NULL || explanation_out == NULL)
        return tcv_fail(error, TCONV_ERR_NULL_POINTER, "%s is NULL",
                        plan == NULL ? "plan" : "explanation_out");
    if (explanation_out->struct_size != sizeof *explanation_out)
        return tcv_fail(error, TCONV_ERR_INVALID_ARGUMENT,
                        "explanation_out->struct_size is %zu; set it to sizeof(tconv_explanation)",
                        explanation_out->struct_size);
    tcv_plan_explain(plan, explanation_out);
    return TCONV_OK;
}

const char *tconv_plan_refusal(const tconv_plan *plan, tconv_algorithm algorithm)
{
    if (plan == NULL || tcv_algo_find(algorithm) == NULL || plan->algo->id == algorithm)
        return NULL;
    return plan->refusal[algorithm];
}

double tconv_plan_cost(const tconv_plan *plan, tconv_algorithm algorithm)
{
    return plan == NULL || tcv_algo_find(algorithm) == NULL ? 0.0 : plan->cost[algorithm];
}

size_t tconv_plan_describe(const tconv_plan *plan, char *text, size_t text_bytes)
{
    return plan == NULL ? 0 : tcv_plan_describe(plan, text, text_bytes);
}
