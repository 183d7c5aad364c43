/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Step 4: match. Bit 0 is the built-in filter "everything", which takes all but Sonde's own traffic. */
#ifndef SONDE_MATCH_BPF_H
#define SONDE_MATCH_BPF_H

static __always_inline bool is_own_endpoint(const __u8 *addr, __be16 port, bool v6)
{
	struct sonde_endpoint key = { .port = port, .family = v6 ? 6 : 4 };

	__builtin_memcpy(key.addr, addr, sizeof(key.addr));
	return bpf_map_lookup_elem(&own_endpoints, &key) != NULL;
}

/* Without this the first view would mostly show its own transport, and feed on itself. */
static __always_inline bool is_own_connection(const struct sonde_record *rec)
{
	bool v6 = rec->proto == SONDE_PROTO_TCP6;

	if ((!v6 && rec->proto != SONDE_PROTO_TCP4) || !rec->l4_off)
		return false;
	return is_own_endpoint(rec->saddr, rec->sport, v6) || is_own_endpoint(rec->daddr, rec->dport, v6);
}

/* Mask of the filters that take this packet. On loopback the ingress half stands for both. */
static __always_inline __u64 match(const struct sonde_record *rec, __u32 iface_flags, __u32 control_flags)
{
	if (iface_flags & SONDE_IFACE_LOOPBACK && rec->direction == SONDE_EGRESS)
		return 0;
	if (control_flags & SONDE_CTL_OWN && is_own_connection(rec))
		return 0;
	return 1;
}

#endif
