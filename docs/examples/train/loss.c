/*
 * loss.c - losses and their gradients
 */
#include "loss.h"

#include <math.h>

double loss_squared(const struct field *y, const float *target)
{
    const int64_t count = field_count(y);
    double sum = 0.0;

    for (int64_t i = 0; i < count; i++) {
        const double difference = (double)y->value[i] - (double)target[i];

        sum += difference * difference;
        y->gradient[i] += (float)(2.0 * difference / (double)count);
    }
    return sum / (double)count;
}

double loss_absolute(const struct field *y, const float *target)
{
    const int64_t count = field_count(y);
    const double step = 1.0 / (double)count;
    double sum = 0.0;

    for (int64_t i = 0; i < count; i++) {
        const double difference = (double)y->value[i] - (double)target[i];

        sum += fabs(difference);
        y->gradient[i] += (float)(difference > 0.0 ? step : difference < 0.0 ? -step : 0.0);
    }
    return sum / (double)count;
}

/*
 * One pixel, whose classes lie `apart`: with p = softmax(y), d loss / d y[c] = p[c] - (c == label).
 * The largest is taken out first, so that no exponential overflows.
 */
static double pixel_loss(const float *y, float *gradient, int64_t classes, int64_t apart,
                         int64_t label, double weight)
{
    double most = (double)y[0], sum = 0.0;

    for (int64_t c = 1; c < classes; c++)
        most = fmax(most, (double)y[c * apart]);
    for (int64_t c = 0; c < classes; c++)
        sum += exp((double)y[c * apart] - most);
    for (int64_t c = 0; c < classes; c++) {
        const double p = exp((double)y[c * apart] - most) / sum;

        gradient[c * apart] += (float)(weight * (p - (c == label ? 1.0 : 0.0)));
    }
    return log(sum) + most - (double)y[label * apart];
}

double loss_cross_entropy(const struct field *y, const uint8_t *label)
{
    const int64_t images = y->tensor.size[0], classes = y->tensor.size[1];
    const int64_t pixels = y->tensor.stride[1];
    const double weight = 1.0 / (double)(images * pixels);
    double sum = 0.0;

    for (int64_t n = 0; n < images; n++) {
        for (int64_t i = 0; i < pixels; i++) {
            const int64_t at = n * classes * pixels + i;

            sum += pixel_loss(y->value + at, y->gradient + at, classes, pixels,
                              label[n * pixels + i], weight);
        }
    }
    return sum * weight;
}

/*
 * -log s = log(1 + exp(-y)) and -log(1 - s) = y + log(1 + exp(-y)), so the loss is
 * (1 - target) y + log(1 + exp(-y)); with m = max(-y, 0) the logarithm is
 * m + log(exp(-m) + exp(-y - m)), where no exponential overflows.
 */
double loss_binary(const struct field *y, double target)
{
    const int64_t count = field_count(y);
    double sum = 0.0;

    for (int64_t i = 0; i < count; i++) {
        const double v = (double)y->value[i];
        const double m = fmax(-v, 0.0);

        sum += (1.0 - target) * v + m + log(exp(-m) + exp(-v - m));
        y->gradient[i] += (float)((1.0 / (1.0 + exp(-v)) - target) / (double)count);
    }
    return sum / (double)count;
}
