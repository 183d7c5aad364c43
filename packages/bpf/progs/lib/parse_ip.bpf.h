/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SONDE_PARSE_IP_BPF_H
#define SONDE_PARSE_IP_BPF_H

#define PARSE_MAX_EXT 8
#define IP_MF 0x2000
#define IP_OFFSET 0x1fff
#define IP6_OFFSET 0xfff8
#define IP6_MF 0x0001

/* RFC 791. Returns the protocol; leaves p->end at the end of the datagram (Ethernet pads short frames). */
static __always_inline int parse_ipv4(struct packet *p, struct sonde_record *rec)
{
	__u32 header, total, frag;
	const struct iphdr *ip = packet_header(p, sizeof(*ip));

	rec->proto = SONDE_PROTO_IP4_OTHER;
	if (!ip)
		return -SONDE_PARSE_SHORT_IPV4;
	rec->l3_off = p->off;
	if (ip->version != 4)
		return -SONDE_PARSE_BAD_IP_VERSION;
	header = ip->ihl * 4;
	if (header < sizeof(*ip) || p->off + header > p->end)
		return -SONDE_PARSE_BAD_IHL;
	__builtin_memcpy(rec->saddr, &ip->saddr, sizeof(ip->saddr));
	__builtin_memcpy(rec->daddr, &ip->daddr, sizeof(ip->daddr));
	rec->ip_proto = ip->protocol;
	total = bpf_ntohs(ip->tot_len);
	if (total == 0 && p->gso)
		total = p->end - p->off;
	if (total < header || p->off + total > p->end)
		return -SONDE_PARSE_BAD_IP_LENGTH;
	p->end = p->off + total;
	p->off += header;
	frag = bpf_ntohs(ip->frag_off);
	if (frag & (IP_MF | IP_OFFSET))
		rec->flags |= SONDE_REC_FRAGMENT;
	if (frag & IP_OFFSET)
		rec->flags |= SONDE_REC_LATER_FRAG;
	return ip->protocol;
}

struct ipv6_ext {
	__u8 next;
	__u8 len;      /* in 8 bytes after the first 8; AH: in 4 bytes after the first 8; fragment: reserved */
	__be16 offset; /* fragment header only */
	__be32 rest;
};

/* How long an extension header is: ((len & mask) + add) << shift bytes; add is 0 for any other protocol. */
struct ipv6_ext_shape {
	__u8 mask, add, shift;
};

/*
 * RFC 8200 section 4, RFC 4302, RFC 6275, RFC 7401, RFC 5533. A table and not a switch: branches on the
 * protocol multiply over the walk's steps beyond what the verifier follows.
 */
static const struct ipv6_ext_shape ipv6_ext_shapes[256] = {
	[IPPROTO_HOPOPTS] = { 0xff, 1, 3 },
	[IPPROTO_ROUTING] = { 0xff, 1, 3 },
	[IPPROTO_DSTOPTS] = { 0xff, 1, 3 },
	[IPPROTO_MH] = { 0xff, 1, 3 },
	[139 /* HIP */] = { 0xff, 1, 3 },
	[140 /* Shim6 */] = { 0xff, 1, 3 },
	[IPPROTO_AH] = { 0xff, 2, 2 },
	[IPPROTO_FRAGMENT] = { 0x00, 1, 3 },
};

/* An atomic fragment (RFC 6946: no offset, no more to come) is a whole packet. */
static __always_inline void mark_ipv6_fragment(struct sonde_record *rec, __u32 frag)
{
	if (frag & (IP6_OFFSET | IP6_MF))
		rec->flags |= SONDE_REC_FRAGMENT;
	if (frag & IP6_OFFSET)
		rec->flags |= SONDE_REC_LATER_FRAG;
}

/* Steps over at most PARSE_MAX_EXT extension headers. Returns the protocol behind them. */
static __always_inline int parse_ipv6_ext(struct packet *p, struct sonde_record *rec, __u8 next)
{
	for (int i = 0; i < PARSE_MAX_EXT; i++) {
		const struct ipv6_ext_shape *shape = &ipv6_ext_shapes[next];
		const struct ipv6_ext *ext;
		__u32 size;

		if (!shape->add)
			return next;
		ext = packet_header(p, sizeof(*ext));
		if (!ext)
			return -SONDE_PARSE_SHORT_IPV6_EXT;
		size = ((ext->len & shape->mask) + shape->add) << (shape->shift & 3);
		if (p->off + size > p->end)
			return -SONDE_PARSE_SHORT_IPV6_EXT;
		p->off += size;
		if (next == IPPROTO_FRAGMENT)
			mark_ipv6_fragment(rec, bpf_ntohs(ext->offset));
		next = ext->next;
		rec->ip_proto = next;
		if (rec->flags & SONDE_REC_LATER_FRAG)
			return next;
	}
	return ipv6_ext_shapes[next].add ? -SONDE_PARSE_TOO_MANY_EXT : (int)next;
}

/* RFC 8200. Returns the upper-layer protocol; leaves p->end at the end of the payload. */
static __always_inline int parse_ipv6(struct packet *p, struct sonde_record *rec)
{
	const struct ipv6hdr *ip = packet_header(p, sizeof(*ip));
	__u32 payload;

	rec->proto = SONDE_PROTO_IP6_OTHER;
	if (!ip)
		return -SONDE_PARSE_SHORT_IPV6;
	rec->l3_off = p->off;
	if (ip->version != 6)
		return -SONDE_PARSE_BAD_IP_VERSION;
	__builtin_memcpy(rec->saddr, &ip->saddr, sizeof(ip->saddr));
	__builtin_memcpy(rec->daddr, &ip->daddr, sizeof(ip->daddr));
	rec->ip_proto = ip->nexthdr;
	p->off += sizeof(*ip);
	payload = bpf_ntohs(ip->payload_len);
	if (payload == 0 && p->gso)
		payload = p->end - p->off;
	if (p->off + payload > p->end)
		return -SONDE_PARSE_BAD_IP_LENGTH;
	p->end = p->off + payload;
	return parse_ipv6_ext(p, rec, ip->nexthdr);
}

#endif
