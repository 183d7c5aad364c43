/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Step 3: account. Exact, for every frame, before anything is sampled. Flows have a file of their own (flow.bpf.h). */
#ifndef SONDE_ACCOUNT_BPF_H
#define SONDE_ACCOUNT_BPF_H

/* Indexed by mask and behind a barrier: the verifier does not follow the ranges that make clang leave the mask out. */
static __always_inline __u64 masked(__u64 value, __u64 size)
{
	barrier_var(value);
	return value & (size - 1);
}

_Static_assert((SONDE_PARSE_ERR_COUNT & (SONDE_PARSE_ERR_COUNT - 1)) == 0, "a power of two");
_Static_assert((SONDE_SIZE_BINS & (SONDE_SIZE_BINS - 1)) == 0, "a power of two");
_Static_assert((SONDE_TCP_FLAG_SETS & (SONDE_TCP_FLAG_SETS - 1)) == 0, "a power of two");

#define TCP_ECE 0x40
#define TCP_CWR 0x80

static __always_inline void add_packet(struct sonde_counts *n, const struct sonde_record *rec)
{
	n->frames++;
	n->packets += rec->gso_segs;
	n->bytes += rec->wire_len;
}

static __always_inline void account_malformed(struct sonde_kernel_counters *c, __u32 err)
{
	c->malformed[masked(err, SONDE_PARSE_ERR_COUNT)]++;
}

static __always_inline void account_tcp_flags(struct sonde_kernel_counters *c, __u32 flags)
{
	c->tcp_flag_sets[masked(flags, SONDE_TCP_FLAG_SETS)]++;
	if (flags & TCP_ECE)
		c->tcp_ece++;
	if (flags & TCP_CWR)
		c->tcp_cwr++;
}

static __always_inline void account(struct sonde_kernel_counters *c, const struct sonde_record *rec)
{
	__u32 proto = rec->proto;

	if (proto < SONDE_PROTO_COUNT) {
		if (rec->verdict == SONDE_VERDICT_PASS)
			add_packet(&c->proto[SONDE_VERDICT_PASS][proto], rec);
		else
			add_packet(&c->proto[SONDE_VERDICT_DROP][proto], rec);
	}
	c->size_bins[masked(sonde_size_bin(rec->wire_len), SONDE_SIZE_BINS)]++;
	if ((proto == SONDE_PROTO_TCP4 || proto == SONDE_PROTO_TCP6) && rec->l4_off)
		account_tcp_flags(c, rec->tcp_flags);
	if (rec->parse_err)
		account_malformed(c, rec->parse_err);
}

#endif
