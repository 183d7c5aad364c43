/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Step 4: match. The filters themselves are generated (src/translate) and stand in the chain; here is
 * what no filter is asked about. Where the chain has no match program, bit 0 is "everything".
 */
#ifndef SONDE_MATCH_BPF_H
#define SONDE_MATCH_BPF_H

static __always_inline bool is_own_endpoint(const __u8 *addr, __be16 port, bool v6)
{
	struct sonde_endpoint key = { .port = port, .family = v6 ? 6 : 4 };

	__builtin_memcpy(key.addr, addr, sizeof(key.addr));
	return bpf_map_lookup_elem(&own_endpoints, &key) != NULL;
}

static __always_inline bool is_own_port(const struct sonde_control *ctl, __be16 port)
{
	return ctl->own_ports[port / 64] >> port % 64 & 1;
}

/* Without this the first view would mostly show its own transport, and feed on itself. */
static __always_inline bool is_own_connection(const struct sonde_record *rec, const struct sonde_control *ctl)
{
	bool v6 = rec->proto == SONDE_PROTO_TCP6;

	if ((!v6 && rec->proto != SONDE_PROTO_TCP4) || !rec->l4_off)
		return false;
	return (is_own_port(ctl, rec->sport) && is_own_endpoint(rec->saddr, rec->sport, v6)) ||
	       (is_own_port(ctl, rec->dport) && is_own_endpoint(rec->daddr, rec->dport, v6));
}

/* On loopback the ingress half stands for both. */
static __always_inline bool is_exempt(const struct sonde_record *rec, __u32 iface_flags, const struct sonde_control *ctl)
{
	if (iface_flags & SONDE_IFACE_LOOPBACK && rec->direction == SONDE_EGRESS)
		return true;
	return *(volatile __u64 *)&ctl->flags & SONDE_CTL_OWN && is_own_connection(rec, ctl);
}

#endif
