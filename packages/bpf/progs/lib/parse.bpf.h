/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Step 1: parse. Fills the record's addresses, ports, offsets, class and parse_err. Every parser takes
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

/* The tag the kernel took out of the frame, or the device is about to put in (skb metadata). */
static __always_inline bool parse_meta_tag(const struct packet *p, struct sonde_record *rec)
{
	if (!p->skb || !p->skb->vlan_present)
		return false;
	rec->vlan_tci = p->skb->vlan_tci;
	rec->flags |= SONDE_REC_VLAN | SONDE_REC_VLAN_META;
	rec->wire_len += sizeof(struct vlan_tag);
	return true;
}

/* Ethernet and up to two tags in all. Returns the EtherType after them. */
static __always_inline int parse_ethernet(struct packet *p, struct sonde_record *rec, __u32 tags)
{
	struct ethhdr eth;
	__u32 ethertype;

	if (packet_load(p, &eth, sizeof(eth)))
		return -SONDE_PARSE_SHORT_L2;
	p->off += sizeof(eth);
	ethertype = bpf_ntohs(eth.h_proto);
	for (int i = 0; i < PARSE_MAX_TAGS; i++) {
		struct vlan_tag tag;

		if (tags >= PARSE_MAX_TAGS || !is_vlan(ethertype))
			break;
		rec->eth_proto = bpf_htons(ethertype);
		if (packet_load(p, &tag, sizeof(tag)))
			return -SONDE_PARSE_SHORT_VLAN;
		p->off += sizeof(tag);
		if (tags++) {
			rec->vlan_inner_tci = bpf_ntohs(tag.tci);
			rec->flags |= SONDE_REC_VLAN_INNER;
		} else {
			rec->vlan_tci = bpf_ntohs(tag.tci);
			rec->flags |= SONDE_REC_VLAN;
		}
		ethertype = bpf_ntohs(tag.proto);
	}
	return ethertype;
}

/* RFC 826. Addresses only for Ethernet and IPv4; other kinds need their 8 bytes and no more. */
static __always_inline int parse_arp(struct packet *p, struct sonde_record *rec)
{
	struct arp_ipv4 arp;

	rec->proto = SONDE_PROTO_ARP;
	if (packet_load(p, &arp, __builtin_offsetof(struct arp_ipv4, sha)))
		return -SONDE_PARSE_SHORT_ARP;
	rec->l3_off = p->off;
	rec->sport = arp.op;
	if (arp.hrd != bpf_htons(1) || arp.pro != bpf_htons(ETH_P_IP) || arp.hln != 6 || arp.pln != 4)
		return 0;
	if (packet_load(p, &arp, sizeof(arp)))
		return -SONDE_PARSE_SHORT_ARP;
	__builtin_memcpy(rec->saddr, arp.spa, sizeof(arp.spa));
	__builtin_memcpy(rec->daddr, arp.tpa, sizeof(arp.tpa));
	return 0;
}

/* EtherType at the cursor, after the link header if the device has one. */
static __always_inline int parse_link(struct packet *p, struct sonde_record *rec, __u32 iface_flags)
{
	__u32 tags = parse_meta_tag(p, rec);

	if (!(iface_flags & SONDE_IFACE_L3))
		return parse_ethernet(p, rec, tags);
	rec->flags |= SONDE_REC_L3;
	return p->skb ? bpf_ntohs(p->skb->protocol) : 0; /* no L3 device has native XDP */
}

static __always_inline int parse_layers(struct packet *p, struct sonde_record *rec, __u32 iface_flags)
{
	int next = parse_link(p, rec, iface_flags);

	if (next < 0)
		return next;
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
