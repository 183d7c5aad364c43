/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Step 1: parse. What a tunnel carries comes after it (tunnel.bpf.h). Fills the record's addresses, ports, offsets, class and parse_err. Every parser takes
 * the cursor at its header, leaves it behind, and returns the next protocol or a negative parse_err.
 */
#ifndef SONDE_PARSE_BPF_H
#define SONDE_PARSE_BPF_H

#include "parse_ip.bpf.h"
#include "parse_l4.bpf.h"

#define PARSE_MAX_TAGS 2

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

struct arp_ipv4 {
	__be16 hrd, pro;
	__u8 hln, pln;
	__be16 op;
	__u8 sha[6], spa[4], tha[6], tpa[4];
} __attribute__((packed));

static __always_inline bool is_vlan(__u32 ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD;
}

/* Ethernet and up to two tags in all. Returns the EtherType after them. */
static __always_inline int parse_ethernet(struct packet *p, struct sonde_record *rec)
{
	const struct ethhdr *eth = packet_header(p, sizeof(*eth));
	__u32 ethertype;

	if (!eth)
		return -SONDE_PARSE_SHORT_L2;
	p->off += sizeof(*eth);
	ethertype = bpf_ntohs(eth->h_proto);
	for (int i = 0; i < PARSE_MAX_TAGS; i++) {
		const struct vlan_tag *tag;

		if (!is_vlan(ethertype))
			break;
		rec->eth_proto = bpf_htons(ethertype);
		tag = packet_header(p, sizeof(*tag));
		if (!tag)
			return -SONDE_PARSE_SHORT_VLAN;
		p->off += sizeof(*tag);
		if (i) {
			rec->vlan_inner_tci = bpf_ntohs(tag->tci);
			rec->flags |= SONDE_REC_VLAN_INNER;
		} else {
			rec->vlan_tci = bpf_ntohs(tag->tci);
			rec->flags |= SONDE_REC_VLAN;
		}
		ethertype = bpf_ntohs(tag->proto);
	}
	return ethertype;
}

/* RFC 826. Addresses only for Ethernet and IPv4; other kinds need their 8 bytes and no more. */
static __always_inline int parse_arp(struct packet *p, struct sonde_record *rec)
{
	const struct arp_ipv4 *arp = packet_header(p, __builtin_offsetof(struct arp_ipv4, sha));

	rec->proto = SONDE_PROTO_ARP;
	if (!arp)
		return -SONDE_PARSE_SHORT_ARP;
	rec->l3_off = p->off;
	rec->sport = arp->op;
	if (arp->hrd != bpf_htons(1) || arp->pro != bpf_htons(ETH_P_IP) || arp->hln != 6 || arp->pln != 4)
		return 0;
	arp = packet_header(p, sizeof(*arp));
	if (!arp)
		return -SONDE_PARSE_SHORT_ARP;
	__builtin_memcpy(rec->saddr, arp->spa, sizeof(arp->spa));
	__builtin_memcpy(rec->daddr, arp->tpa, sizeof(arp->tpa));
	return 0;
}

/* Without a link header the version nibble tells the protocol; bare IP devices carry nothing else. */
static __always_inline int parse_bare(const struct packet *p)
{
	const __u8 *first = packet_header(p, 1);

	if (!first)
		return 0;
	switch (*first >> 4) {
	case 4:
		return ETH_P_IP;
	case 6:
		return ETH_P_IPV6;
	}
	return p->tc && !packets_are_given() ? bpf_ntohs(p->skb->protocol) : 0;
}

/* EtherType at the cursor, after the link header if the device has one. */
static __always_inline int parse_link(struct packet *p, struct sonde_record *rec, __u32 iface_flags)
{
	if (!(iface_flags & SONDE_IFACE_L3))
		return parse_ethernet(p, rec);
	rec->flags |= SONDE_REC_L3;
	return parse_bare(p);
}

/* From the network layer on, by EtherType. */
static __always_inline int parse_network(struct packet *p, struct sonde_record *rec, int next)
{
	rec->eth_proto = bpf_htons(next);
	switch (next) {
	case ETH_P_ARP:
		return parse_arp(p, rec);
	case ETH_P_IP:
		next = parse_ipv4(p, rec);
		return next < 0 ? next : parse_l4(p, rec, next, false);
	case ETH_P_IPV6:
		next = parse_ipv6(p, rec);
		return next < 0 ? next : parse_l4(p, rec, next, true);
	}
	return 0;
}

static __always_inline int parse_layers(struct packet *p, struct sonde_record *rec, __u32 iface_flags)
{
	int next = parse_link(p, rec, iface_flags);

	return next < 0 ? next : parse_network(p, rec, next);
}

/* rec arrives zeroed but for wire_len and gso_segs. Never fails: a malformed packet is named and kept. */
static __always_inline void parse(struct packet *p, struct sonde_record *rec, __u32 iface_flags)
{
	int result;

	rec->proto = SONDE_PROTO_OTHER;
	result = parse_layers(p, rec, iface_flags);
	if (result < 0)
		rec->parse_err = -result;
}

#endif
