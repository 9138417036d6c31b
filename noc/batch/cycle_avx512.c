/* SPDX-License-Identifier: MIT
 *
 * The cycle of a batch, sixteen routers at a time.
 */
#define NOC_BATCH_FORM noc_batch_form_avx512
#include "noc/batch/cycle.c"
