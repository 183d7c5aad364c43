/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Step 3: account. Exact, for every frame, before anything is sampled. */
#ifndef SONDE_ACCOUNT_BPF_H
#define SONDE_ACCOUNT_BPF_H

_Static_assert((SONDE_PARSE_ERR_COUNT & (SONDE_PARSE_ERR_COUNT - 1)) == 0, "indexed by mask");

static __always_inline void account(struct sonde_iface_counters *c, const struct sonde_record *rec)
{
	__u32 proto = rec->proto;
	__u32 err = rec->parse_err;

	if (proto < SONDE_PROTO_COUNT) {
		c->proto[proto].frames++;
		c->proto[proto].packets += rec->gso_segs;
		c->proto[proto].bytes += rec->wire_len;
	}
	if (err)
		c->malformed[err & (SONDE_PARSE_ERR_COUNT - 1)]++; /* a mask: the verifier follows no range here */
}

#endif
