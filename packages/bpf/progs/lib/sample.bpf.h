/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Step 5: sample. */
#ifndef SONDE_SAMPLE_BPF_H
#define SONDE_SAMPLE_BPF_H

/*
 * True for 1 packet in n by chance: the high word of random × n is 0 for ceil(2^32 / n) of the 2^32
 * random values, so the expectation is 1/n to within 2^-32, for every n and without a division.
 */
static __always_inline bool sample(__u32 n)
{
	return n <= 1 || ((__u64)bpf_get_prandom_u32() * n) >> 32 == 0;
}

#endif
