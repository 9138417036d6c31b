/* SPDX-License-Identifier: MIT
 *
 * The cycle of a batch, eight routers at a time.
 */
#define NOC_BATCH_FORM noc_batch_form_avx2
#include "noc/batch/cycle.c"
