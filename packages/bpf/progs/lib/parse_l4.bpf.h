/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SONDE_PARSE_L4_BPF_H
#define SONDE_PARSE_L4_BPF_H

/* The first 8 bytes of ICMP and ICMPv6 alike; linux/icmp.h draws libc in. */
struct icmp_start {
	__u8 type, code;
	__be16 checksum, id, seq;
};

/* RFC 9293; flags are byte 13 of the header. */
static __always_inline int parse_tcp(struct packet *p, struct sonde_record *rec)
{
	const struct tcphdr *tcp = packet_header(p, sizeof(*tcp));

	if (!tcp)
		return -SONDE_PARSE_SHORT_TCP;
	rec->l4_off = p->off;
	rec->sport = tcp->source;
	rec->dport = tcp->dest;
	rec->tcp_flags = ((const __u8 *)tcp)[13];
	/* A first fragment may end inside the options; the rest of them is in the next one. */
	if (tcp->doff < 5 || (p->off + tcp->doff * 4 > p->end && !(rec->flags & SONDE_REC_FRAGMENT)))
		return -SONDE_PARSE_BAD_DOFF;
	return 0;
}

/* RFC 768. The length of a fragmented or segmentable datagram goes past this frame's layer. */
static __always_inline int parse_udp(struct packet *p, struct sonde_record *rec)
{
	const struct udphdr *udp = packet_header(p, sizeof(*udp));
	__u32 len;

	if (!udp)
		return -SONDE_PARSE_SHORT_UDP;
	rec->l4_off = p->off;
	rec->sport = udp->source;
	rec->dport = udp->dest;
	len = bpf_ntohs(udp->len);
	if (p->gso)
		return 0;
	if (len < sizeof(*udp) || (p->off + len > p->end && !(rec->flags & SONDE_REC_FRAGMENT)))
		return -SONDE_PARSE_BAD_UDP_LENGTH;
	if (p->off + len < p->end)
		p->end = p->off + len; /* what follows the datagram in its packet is no tunnel's */
	return 0;
}

/* RFC 792 and RFC 4443: type and code in sport, the identifier of an echo in dport. */
static __always_inline int parse_icmp(struct packet *p, struct sonde_record *rec, bool v6)
{
	const struct icmp_start *icmp = packet_header(p, sizeof(*icmp));

	if (!icmp)
		return -SONDE_PARSE_SHORT_ICMP;
	rec->l4_off = p->off;
	rec->sport = bpf_htons(icmp->type << 8 | icmp->code);
	if (v6 ? icmp->type == 128 || icmp->type == 129 : icmp->type == 8 || icmp->type == 0)
		rec->dport = icmp->id;
	return 0;
}

/* RFC 9260 section 3.1; linux/sctp.h has no common header. */
struct sctp_start {
	__be16 source, dest;
	__be32 tag, checksum;
};

static __always_inline int parse_sctp(struct packet *p, struct sonde_record *rec)
{
	const struct sctp_start *sctp = packet_header(p, sizeof(*sctp));

	if (!sctp)
		return -SONDE_PARSE_SHORT_SCTP;
	rec->l4_off = p->off;
	rec->sport = sctp->source;
	rec->dport = sctp->dest;
	return 0;
}

/* The class follows the protocol number even when no header of it is here (later fragments). */
static __always_inline int parse_l4(struct packet *p, struct sonde_record *rec, __u32 protocol, bool v6)
{
	bool later = rec->flags & SONDE_REC_LATER_FRAG;

	if (protocol == IPPROTO_TCP) {
		rec->proto = v6 ? SONDE_PROTO_TCP6 : SONDE_PROTO_TCP4;
		return later ? 0 : parse_tcp(p, rec);
	}
	if (protocol == IPPROTO_UDP) {
		rec->proto = v6 ? SONDE_PROTO_UDP6 : SONDE_PROTO_UDP4;
		return later ? 0 : parse_udp(p, rec);
	}
	if (protocol == (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
		rec->proto = v6 ? SONDE_PROTO_ICMP6 : SONDE_PROTO_ICMP4;
		return later ? 0 : parse_icmp(p, rec, v6);
	}
	if (protocol == IPPROTO_SCTP && !later)
		return parse_sctp(p, rec);
	return 0;
}

#endif
