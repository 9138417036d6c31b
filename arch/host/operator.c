/* SPDX-License-Identifier: MIT
 *
 * Operators on sums of operands: normalisation, elementwise functions, the mean; see operator.h.
 */
#include "arch/host/operator.h"

#include <math.h>

void arch_host_compute(const struct arch_host_call *call, double *value) {
    static void (*const operators[SIM_HOST_OPERATOR_COUNT])(const struct arch_host_call *, double *) = {
        [SIM_HOST_ATTENTION] = arch_host_attention, [SIM_HOST_NORMALISE] = arch_host_normalise,
        [SIM_HOST_MAP] = arch_host_map,             [SIM_HOST_MEAN] = arch_host_mean,
        [SIM_HOST_SOFTMAX] = arch_host_softmax,     [SIM_HOST_OPERATION] = arch_host_operate,
    };
    operators[call->host->operator_](call, value);
}

void arch_host_sum(const struct arch_host_call *call, uint32_t token, double *value) {
    uint32_t values = call->host->values;
    for (uint32_t i = 0; i < values; i++)
        value[i] = 0;
    for (uint32_t port = 0; port < call->operands; port++)
        for (uint32_t i = 0; i < values; i++)
            value[i] += arch_host_value(&call->operand[port], token, i);
    call->work[ARCH_HOST_MULTIPLY_ADD] += (uint64_t)call->operands * values;
}

void arch_host_normalise(const struct arch_host_call *call, double *value) {
    const struct sim_host_layer *host = call->host;
    uint32_t n = host->values;
    arch_host_sum(call, call->token, value);
    double mean = 0, variance = 0;
    for (uint32_t i = 0; i < n; i++)
        mean += value[i];
    mean /= n;
    for (uint32_t i = 0; i < n; i++)
        variance += (value[i] - mean) * (value[i] - mean);
    double root = sqrt(variance / n + host->epsilon);
    for (uint32_t i = 0; i < n; i++) {
        value[i] = (value[i] - mean) / root;
        value[i] = value[i] * (host->gamma != NULL ? host->gamma[i] : 1);
        value[i] = value[i] + (host->beta != NULL ? host->beta[i] : 0);
    }
    call->work[ARCH_HOST_MULTIPLY_ADD] += (uint64_t)n * 4; /* mean, variance, difference, gain and offset */
    call->work[ARCH_HOST_DIVISION] += (uint64_t)n + 2;
    call->work[ARCH_HOST_ROOT]++;
}

static double identity(double x) { return x; }
static double relu(double x) { return x > 0 ? x : 0; }
static double gelu(double x) { return arch_scalar_function[ARCH_SCALAR_GELU].value(x); }
static double silu(double x) { return arch_scalar_function[ARCH_SCALAR_SILU].value(x); }
static double softplus(double x) { return arch_scalar_function[ARCH_SCALAR_SOFTPLUS].value(x); }
static double gelu_tanh(double x) {
    double cube = x * x * x, inner = 0.044715 * cube;
    inner = x + inner;
    return 0.5 * x * (1 + tanh(sqrt(M_2_PI) * inner));
}

void arch_host_map(const struct arch_host_call *call, double *value) {
    static const struct {
        double (*value)(double);
        uint32_t multiply_adds, functions, divisions;
    } functions[SIM_HOST_FUNCTION_COUNT] = {
        [SIM_HOST_IDENTITY] = {identity, 0, 0, 0},   [SIM_HOST_RELU] = {relu, 1, 0, 0},
        [SIM_HOST_GELU] = {gelu, 3, 1, 0},           [SIM_HOST_SILU] = {silu, 1, 1, 1},
        [SIM_HOST_GELU_TANH] = {gelu_tanh, 7, 1, 0}, [SIM_HOST_TANH] = {tanh, 0, 1, 0},
        [SIM_HOST_SOFTPLUS] = {softplus, 0, 1, 0},
    };
    uint32_t n = call->host->values;
    arch_host_sum(call, call->token, value);
    for (uint32_t i = 0; i < n; i++)
        value[i] = functions[call->host->function].value(value[i]);
    call->work[ARCH_HOST_MULTIPLY_ADD] += (uint64_t)n * functions[call->host->function].multiply_adds;
    call->work[ARCH_HOST_FUNCTION] += (uint64_t)n * functions[call->host->function].functions;
    call->work[ARCH_HOST_DIVISION] += (uint64_t)n * functions[call->host->function].divisions;
}

void arch_host_mean(const struct arch_host_call *call, double *value) {
    for (uint32_t i = 0; i < call->host->values; i++) {
        double sum = 0;
        for (uint32_t token = 0; token < call->tokens; token++)
            for (uint32_t port = 0; port < call->operands; port++)
                sum += arch_host_value(&call->operand[port], token, i);
        value[i] = sum / call->tokens;
    }
    call->work[ARCH_HOST_MULTIPLY_ADD] += (uint64_t)call->host->values * call->tokens * call->operands;
    call->work[ARCH_HOST_DIVISION] += call->host->values;
}

void arch_host_evaluations(const struct sim_host_layer *host, uint32_t tokens,
                           uint64_t evaluations[ARCH_SCALAR_COUNT]) {
    uint32_t n = host->values;
    bool map = host->operator_ == SIM_HOST_MAP, tanh_ = map && host->function == SIM_HOST_TANH;
    if (host->operator_ == SIM_HOST_ATTENTION || host->operator_ == SIM_HOST_SOFTMAX) {
        evaluations[ARCH_SCALAR_EXP] += (uint64_t)host->heads * tokens;
        evaluations[ARCH_SCALAR_RECIPROCAL] += host->heads;
    }
    evaluations[ARCH_SCALAR_RSQRT] += host->operator_ == SIM_HOST_NORMALISE;
    if (map && (host->function == SIM_HOST_GELU || host->function == SIM_HOST_GELU_TANH))
        evaluations[ARCH_SCALAR_GELU] += n;
    if (map && host->function == SIM_HOST_SILU)
        evaluations[ARCH_SCALAR_SILU] += n;
    if (map && host->function == SIM_HOST_SOFTPLUS)
        evaluations[ARCH_SCALAR_SOFTPLUS] += n;
    evaluations[ARCH_SCALAR_EXP] += tanh_ ? n : 0;
    evaluations[ARCH_SCALAR_RECIPROCAL] += tanh_ ? n : 0;
}
