/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Step 2: enforce. There are no rules yet: every packet passes, and its record and counters say so. */
#ifndef SONDE_ENFORCE_BPF_H
#define SONDE_ENFORCE_BPF_H

static __always_inline enum sonde_verdict enforce(void)
{
	return SONDE_VERDICT_PASS;
}

#endif
