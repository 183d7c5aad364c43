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

/* Which class of its ledger a filter's packet falls into; matched is counted with each. */
enum filter_class {
	FILTER_SAMPLED_OUT = __builtin_offsetof(struct sonde_filter_counters, sampled_out),
	FILTER_RING_LOST = __builtin_offsetof(struct sonde_filter_counters, ring_lost),
	FILTER_NO_READER = __builtin_offsetof(struct sonde_filter_counters, no_reader),
	FILTER_DELIVERED = __builtin_offsetof(struct sonde_filter_counters, delivered),
};

/*
 * What is done for each filter of a packet stands in global functions, so that the verifier goes through
 * it once: unrolled, what each filter decides multiplies over all the next ones. Arguments are 64 bits
 * wide to be one register in check and use.
 */
__noinline int count_filter(__u64 slot, __u64 filter, __u64 class)
{
	__u32 key = slot;
	struct sonde_set_counters *set = bpf_map_lookup_elem(&set_counters, &key);
	struct sonde_filter_counters *c;

	barrier_var(filter);
	if (!set || filter >= SONDE_MAX_FILTERS)
		return 0;
	c = &set->filter[filter];
	c->matched++;
	switch (class) {
	case FILTER_SAMPLED_OUT:
		c->sampled_out++;
		break;
	case FILTER_RING_LOST:
		c->ring_lost++;
		break;
	case FILTER_NO_READER:
		c->no_reader++;
		break;
	case FILTER_DELIVERED:
		c->delivered++;
		break;
	}
	return 0;
}

/* Asks one filter, and adds it in scratch to those that chose the packet. */
__noinline int ask_filter(__u64 slot, __u64 filter, __u32 random)
{
	struct sonde_scratch *s = find_scratch();
	struct sonde_control *ctl = find_control();
	__u64 rate;

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

static __always_inline void count_filters(__u64 slot, __u64 mask, enum filter_class class)
{
	for (__u32 i = 0; i < SONDE_MAX_FILTERS && mask; i++, mask >>= 1)
		if (mask & 1)
			count_filter(slot, i, class);
}

/* Leaves in scratch which of the matched filters chose the packet, and counts those that did not. */
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
	count_filters(s->set, s->matched & ~s->selected, FILTER_SAMPLED_OUT);
}

#endif
