/* SPDX-License-Identifier: MIT
 *
 * Attention: scores of a token's query with every key, softmax, and the values weighted by it; see
 * operator.h. Head h of m values a token has values h m / heads to (h + 1) m / heads - 1.
 *
 * Softmax takes the row's maximum off first. The work counted is that of one token; keys and values are not
 * projected here.
 */
#include "arch/host/operator.h"

#include <math.h>

/* Query, key or value: the operand and where in it. */
struct part {
    const struct arch_host_operand *operand;
    uint32_t first;
};

static struct part part_of(const struct arch_host_call *call, uint32_t which) {
    if (call->operands == 1)
        return (struct part){&call->operand[0], which * call->host->values};
    return (struct part){&call->operand[which], 0};
}

double arch_host_exponentials(const struct arch_host_call *call, double *row, uint32_t n) {
    double most = -INFINITY, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        most = row[i] > most ? row[i] : most;
    for (uint32_t i = 0; i < n; i++) {
        row[i] = exp(row[i] - most);
        sum += row[i];
    }
    call->work[ARCH_HOST_MULTIPLY_ADD] += 2 * (uint64_t)n;
    call->work[ARCH_HOST_FUNCTION] += n;
    return sum;
}

static void score(const struct arch_host_call *call, uint32_t first, uint32_t width) {
    struct part query = part_of(call, 0), key = part_of(call, 1);
    double root = sqrt(width);
    for (uint32_t token = 0; token < call->tokens; token++) {
        double sum = 0;
        for (uint32_t d = first; d < first + width; d++)
            sum += arch_host_value(query.operand, call->token, query.first + d) *
                   arch_host_value(key.operand, token, key.first + d);
        call->scratch[token] = sum / root;
    }
}

void arch_host_attention(const struct arch_host_call *call, double *value) {
    struct part v = part_of(call, 2);
    uint32_t width = call->host->values / call->host->heads;
    for (uint32_t first = 0; first < call->host->values; first += width) {
        score(call, first, width);
        double all = arch_host_exponentials(call, call->scratch, call->tokens);
        for (uint32_t d = first; d < first + width; d++) {
            double sum = 0;
            for (uint32_t token = 0; token < call->tokens; token++)
                sum += call->scratch[token] * arch_host_value(v.operand, token, v.first + d);
            value[d] = sum / all;
        }
    }
    call->work[ARCH_HOST_MULTIPLY_ADD] += 2 * (uint64_t)call->host->values * call->tokens;
    call->work[ARCH_HOST_DIVISION] += call->host->values;
}

void arch_host_softmax(const struct arch_host_call *call, double *value) {
    const struct arch_host_operand *scores = &call->operand[0];
    uint32_t width = call->host->values / call->host->heads;
    for (uint32_t first = 0; first < call->host->values; first += width) {
        for (uint32_t token = 0; token < call->tokens; token++)
            call->scratch[token] = arch_host_value(scores, call->token, first + token);
        double all = arch_host_exponentials(call, call->scratch, call->tokens);
        for (uint32_t token = 0; token < width; token++)
            value[first + token] = token < call->tokens ? call->scratch[token] / all : 0;
    }
    call->work[ARCH_HOST_MULTIPLY_ADD] += (uint64_t)call->host->heads * call->tokens;
    call->work[ARCH_HOST_DIVISION] += (uint64_t)call->host->heads * call->tokens;
}
