/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Part of step 3: flows. Each has one place in its CPU's table (engine.h), found by a cheap hash: a few loads and
 * stores. The first comer keeps the place until user space drains it; who finds it taken goes to the side's
 * hash map. Packets = flows + unflowed + non_flow; nothing is ever forgotten silently.
 */
#ifndef SONDE_FLOW_BPF_H
#define SONDE_FLOW_BPF_H

#define FLOW_WORDS (sizeof(struct sonde_flow_key) / sizeof(__u64))

union flow_key {
	struct sonde_flow_key key;
	__u64 word[FLOW_WORDS];
};

#define VLAN_ID 0x0fff
#define VLAN_PRESENT 0x1000

static __always_inline __u16 flow_vlan(const struct sonde_record *rec, __u8 flag, __u16 tci)
{
	return rec->flags & flag ? (tci & VLAN_ID) | VLAN_PRESENT : 0;
}

/* Odd constants with well-mixed bits (from xxHash64). The products of a round do not wait for each other. */
static __always_inline __u32 flow_place(const union flow_key *k, __u64 seed)
{
	__u64 a = (k->word[0] + seed) * 0x9e3779b185ebca87ull + k->word[1];
	__u64 b = (k->word[2] ^ seed) * 0xc2b2ae3d27d4eb4full + k->word[3];
	__u64 c = k->word[4] * 0x165667b19e3779f9ull + k->word[5] + k->word[6] * 0x27d4eb2f165667c5ull;

	a = (a ^ (b >> 29) ^ c) * 0x85ebca77c2b2ae63ull + b;
	return ((a ^ (a >> 31)) * 0x9e3779b185ebca87ull >> 40) % SONDE_FLOW_PLACES;
}

static __always_inline bool same_flow(const struct sonde_flow_place *at, const union flow_key *k)
{
	const union flow_key *other = (const union flow_key *)&at->key;
	__u64 differs = 0;

#pragma unroll
	for (__u32 i = 0; i < FLOW_WORDS; i++)
		differs |= other->word[i] ^ k->word[i];
	return !differs;
}

/* In the side's hash map, where only this CPU writes to its keys; null when there is no room. */
static __always_inline struct sonde_flow_value *flow_in_map(void *flows, const union flow_key *k, __u64 now)
{
	struct sonde_flow_value fresh = { .first = now };
	struct sonde_flow_value *value = bpf_map_lookup_elem(flows, k);

	if (value || bpf_map_update_elem(flows, k, &fresh, BPF_NOEXIST))
		return value;
	return bpf_map_lookup_elem(flows, k);
}

/* In this CPU's table, when its place is free or its own; else in the side's hash map. */
static __always_inline struct sonde_flow_value *flow_value(struct sonde_flow_table *table, __u32 side, const union flow_key *k,
							   __u64 seed, __u64 now)
{
	struct sonde_flow_place *at = &table->place[flow_place(k, seed)];

	if (!at->value.n.frames) {
		at->key = k->key;
		at->value.first = now;
		return &at->value;
	}
	if (same_flow(at, k))
		return &at->value;
	return side ? flow_in_map(&flows_b, k, now) : flow_in_map(&flows_a, k, now);
}

static __always_inline void flow_key(union flow_key *k, const struct sonde_scratch *s)
{
	const struct sonde_record *rec = &s->rec;
	bool inner = rec->flags & SONDE_REC_TUNNEL && s->tunnel.l3_off;

	if (inner) {
		__builtin_memcpy(&k->key, s->tunnel.saddr, __builtin_offsetof(struct sonde_flow_key, ifindex));
		k->key.ip_proto = s->tunnel.ip_proto;
		k->key.family = s->tunnel.eth_proto == bpf_htons(ETH_P_IPV6) ? 6 : 4;
	} else {
		__builtin_memcpy(&k->key, rec->saddr, __builtin_offsetof(struct sonde_flow_key, ifindex));
		k->key.ip_proto = rec->ip_proto;
		k->key.family = rec->eth_proto == bpf_htons(ETH_P_IPV6) ? 6 : 4;
	}
	if (rec->flags & SONDE_REC_TUNNEL) {
		k->key.tunnel = s->tunnel.type;
		k->key.tunnel_id = s->tunnel.id;
	} else {
		k->key.tunnel = SONDE_TUNNEL_NONE;
		k->key.tunnel_id = 0;
	}
	k->key.ifindex = rec->ifindex;
	k->key.vlan = flow_vlan(rec, SONDE_REC_VLAN, rec->vlan_tci);
	k->key.vlan_inner = flow_vlan(rec, SONDE_REC_VLAN_INNER, rec->vlan_inner_tci);
	k->key.direction = rec->direction;
	k->key.reserved = s->cpu;
}

static __always_inline __u64 flow_clock(const struct sonde_control *ctl)
{
	return mode == SONDE_MODE_REPLAY ? ctl->given.jiffies : bpf_jiffies64();
}

static __always_inline void account_flow(const struct sonde_scratch *s, struct sonde_kernel_counters *c, const struct sonde_control *ctl)
{
	const struct sonde_record *rec = &s->rec;
	__u32 side = *(volatile __u64 *)&ctl->flow_side % SONDE_FLOW_SIDES;
	__u32 index = sonde_flow_table_index(s->cpu, side);
	__u64 now = flow_clock(ctl);
	struct sonde_flow_table *table;
	struct sonde_flow_value *value;
	union flow_key k;

	if (rec->parse_err || rec->proto >= SONDE_PROTO_ARP) {
		add_packet(&c->non_flow, rec);
		return;
	}
	table = bpf_map_lookup_elem(&flow_tables, &index);
	if (!table) {
		add_packet(&c->unflowed, rec); /* a CPU that user space did not count */
		return;
	}
	flow_key(&k, s);
	value = flow_value(table, side, &k, ctl->flow_seed, now);
	if (!value) {
		add_packet(&c->unflowed, rec);
		return;
	}
	value->last = now;
	add_packet(&value->n, rec);
	value->tcp_flags |= rec->flags & SONDE_REC_TUNNEL ? s->tunnel.tcp_flags : rec->tcp_flags;
	value->verdict = rec->verdict;
}

#endif
