/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Step 5: sample. */
#ifndef SONDE_SAMPLE_BPF_H
#define SONDE_SAMPLE_BPF_H

/*
 * Whether a filter takes 1 packet in n by chance: the high word of random × n is 0 for ceil(2^32 / n) of
 * the 2^32 random values, so the expectation is 1/n to within 2^-32, for every n and without a division.
 * All filters of a packet share one random value: what a rare filter takes, a frequent one takes too, so
 * that overlapping filters cost the fewest records.
 */
static __always_inline bool sample(__u32 random, __u32 n)
{
	return ((__u64)random * n) >> 32 == 0;
}

/*
 * Asks one filter, and adds it in scratch to those that chose the packet. A global function, so that the
 * verifier goes through it once: unrolled, what each filter decides multiplies over all the next ones.
 */
__noinline int ask_filter(__u64 slot, __u64 filter, __u32 random)
{
	struct sonde_scratch *s = find_scratch();
	struct sonde_control *ctl = find_control();
	__u64 rate;

	/* One register each in check and use. */
	barrier_var(slot);
	barrier_var(filter);
	if (!s || !ctl || slot >= SONDE_SET_SLOTS || filter >= SONDE_MAX_FILTERS)
		return 0;
	rate = *(volatile __u64 *)&ctl->sets[slot].rate[filter];
	if (!sample(random, sonde_rate_n(rate)))
		return 0;
	s->selected |= 1ull << filter;
	if (sonde_rate_n(rate) < s->sample_n)
		s->sample_n = sonde_rate_n(rate);
	if (sonde_rate_snaplen(rate) > s->snaplen)
		s->snaplen = sonde_rate_snaplen(rate);
	return 0;
}

/* Leaves in scratch which of the matched filters chose the packet. */
static __always_inline void select_filters(struct sonde_scratch *s)
{
	__u64 matched = s->matched;
	__u32 random = bpf_get_prandom_u32();

	s->selected = 0;
	s->sample_n = ~0u;
	s->snaplen = 0;
	for (__u32 i = 0; i < SONDE_MAX_FILTERS && matched; i++, matched >>= 1)
		if (matched & 1)
			ask_filter(s->set, i, random);
}

#endif
