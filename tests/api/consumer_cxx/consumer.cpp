// The worked example of docs/math.md from C++17, with a plan of its own.
#include <cstdio>
#include <memory>
#include <vector>
#include <tconv/tconv.h>

struct Destroy {
    void operator()(tconv_plan *plan) const { tconv_plan_destroy(plan); }
    void operator()(tconv_weights *weights) const { tconv_weights_destroy(weights); }
};

static tconv_tensor dense(const std::vector<int64_t> &size)
{
    tconv_tensor tensor{};

    if (tconv_tensor_dense(&tensor, TCONV_F64, TCONV_NCX, 4, size.data(), nullptr) != TCONV_OK)
        std::puts("tconv_tensor_dense() failed");
    return tensor;
}

int main()
{
    const std::vector<double> x{1, 2, 3, 4}, w{0, 1, 1, 0};
    const std::vector<double> want{0, 1, 2, 1, 5, 4, 3, 4, 0};
    std::vector<double> y(9);
    const tconv_tensor input = dense({1, 1, 2, 2}), output = dense({1, 1, 3, 3});
    const tconv_desc desc = tconv_desc_default(2);
    tconv_plan *raw_plan = nullptr;
    tconv_weights *raw_weights = nullptr;
    tconv_error error{};

    tconv_status status =
        tconv_plan_create(&desc, &input, &input, &output, nullptr, &raw_plan, &error);
    const std::unique_ptr<tconv_plan, Destroy> plan(raw_plan);
    if (status == TCONV_OK)
        status = tconv_weights_pack(plan.get(), w.data(), &raw_weights, &error);
    const std::unique_ptr<tconv_weights, Destroy> weights(raw_weights);
    if (status == TCONV_OK) {
        std::vector<unsigned char> workspace(tconv_plan_workspace_size(plan.get()));
        tconv_buffers buffers = tconv_buffers_default();

        buffers.input = x.data();
        buffers.output = y.data();
        buffers.workspace = workspace.data();
        buffers.workspace_bytes = workspace.size();
        status = tconv_execute(plan.get(), weights.get(), &buffers, nullptr, &error);
    }
    if (status != TCONV_OK)
        std::fprintf(stderr, "%s\n", error.message);
    return status != TCONV_OK || y != want;
}
