/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Part of step 1, in programs of their own that only tunnelled packets reach: what VXLAN, Geneve, GRE and IP in
 * IP carry, one level. The parsers of parse.bpf.h fill scratch.inner, and the record's trailer is made of it.
 */
#ifndef SONDE_TUNNEL_BPF_H
#define SONDE_TUNNEL_BPF_H

#define VXLAN_PORT 4789
#define GENEVE_PORT 6081
#define ETH_P_BRIDGED 0x6558 /* Transparent Ethernet Bridging, RFC 1701 */

/* RFC 7348 section 5 */
struct vxlan_header {
	__u8 flags, reserved[3];
	__be32 vni; /* and 8 bits reserved */
};
#define VXLAN_HAS_VNI 0x08

/* RFC 8926 section 3.4 */
struct geneve_header {
	__u8 version; /* 2 bits, then the options' length in 4 bytes */
	__u8 flags;
	__be16 protocol;
	__be32 vni; /* and 8 bits reserved */
};

/* RFC 2784, RFC 2890 */
struct gre_header {
	__be16 flags; /* … version in the last 3 bits */
	__be16 protocol;
};
#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_VERSION 0x0007

/* Which tunnel a soundly parsed packet is, by what its outer headers say. */
static __always_inline enum sonde_tunnel_type tunnel_of(const struct sonde_record *rec)
{
	if (rec->proto == SONDE_PROTO_TCP4 || rec->proto == SONDE_PROTO_TCP6 || rec->parse_err)
		return SONDE_TUNNEL_NONE;
	if (rec->proto == SONDE_PROTO_UDP4 || rec->proto == SONDE_PROTO_UDP6) {
		if (rec->dport == bpf_htons(VXLAN_PORT))
			return SONDE_TUNNEL_VXLAN;
		return rec->dport == bpf_htons(GENEVE_PORT) ? SONDE_TUNNEL_GENEVE : SONDE_TUNNEL_NONE;
	}
	if (rec->flags & SONDE_REC_LATER_FRAG)
		return SONDE_TUNNEL_NONE;
	switch (rec->ip_proto) {
	case IPPROTO_GRE:
		return SONDE_TUNNEL_GRE;
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return SONDE_TUNNEL_IPIP;
	}
	return SONDE_TUNNEL_NONE;
}

/* Each of these takes the cursor at its header, leaves it behind, and returns the EtherType inside or a negative parse_err. */
static __always_inline int parse_vxlan(struct packet *p, struct sonde_tunnel *t)
{
	const struct vxlan_header *vxlan = packet_header(p, sizeof(*vxlan));

	if (!vxlan)
		return -SONDE_PARSE_SHORT_VXLAN;
	if (!(vxlan->flags & VXLAN_HAS_VNI))
		return -SONDE_PARSE_BAD_VXLAN;
	t->type = SONDE_TUNNEL_VXLAN;
	t->id = bpf_ntohl(vxlan->vni) >> 8;
	p->off += sizeof(*vxlan);
	return ETH_P_BRIDGED;
}

static __always_inline int parse_geneve(struct packet *p, struct sonde_tunnel *t)
{
	const struct geneve_header *geneve = packet_header(p, sizeof(*geneve));
	__u32 size;

	if (!geneve)
		return -SONDE_PARSE_SHORT_GENEVE;
	if (geneve->version >> 6)
		return -SONDE_PARSE_BAD_GENEVE;
	t->type = SONDE_TUNNEL_GENEVE;
	t->id = bpf_ntohl(geneve->vni) >> 8;
	size = sizeof(*geneve) + (geneve->version & 0x3f) * 4;
	if (p->off + size > p->end)
		return -SONDE_PARSE_SHORT_GENEVE;
	p->off += size;
	return bpf_ntohs(geneve->protocol);
}

static __always_inline int parse_gre(struct packet *p, struct sonde_tunnel *t)
{
	const struct gre_header *gre = packet_header(p, sizeof(*gre));
	const __be32 *key;
	__u32 flags;
	__u16 protocol;

	if (!gre)
		return -SONDE_PARSE_SHORT_GRE;
	flags = bpf_ntohs(gre->flags);
	protocol = bpf_ntohs(gre->protocol);
	if (flags & (GRE_VERSION | GRE_ROUTING))
		return -SONDE_PARSE_BAD_GRE;
	t->type = SONDE_TUNNEL_GRE;
	p->off += sizeof(*gre) + (flags & GRE_CHECKSUM ? 4 : 0);
	if (flags & GRE_KEY) {
		key = packet_header(p, sizeof(*key));
		if (!key)
			return -SONDE_PARSE_SHORT_GRE;
		t->id = bpf_ntohl(*key);
		p->off += sizeof(*key);
	}
	p->off += flags & GRE_SEQUENCE ? 4 : 0;
	return p->off > p->end ? -SONDE_PARSE_SHORT_GRE : (int)protocol;
}

/* The tunnel's own header, by which the packet came here. */
static __always_inline int parse_tunnel_header(struct packet *p, const struct sonde_record *rec, struct sonde_tunnel *t)
{
	switch (tunnel_of(rec)) {
	case SONDE_TUNNEL_VXLAN:
		p->off += sizeof(struct udphdr);
		return parse_vxlan(p, t);
	case SONDE_TUNNEL_GENEVE:
		p->off += sizeof(struct udphdr);
		return parse_geneve(p, t);
	case SONDE_TUNNEL_GRE:
		return parse_gre(p, t);
	default:
		t->type = SONDE_TUNNEL_IPIP;
		return rec->ip_proto == IPPROTO_IPIP ? ETH_P_IP : ETH_P_IPV6;
	}
}

static __always_inline int parse_carried(struct packet *p, struct sonde_record *inner, int next)
{
	if (next == ETH_P_BRIDGED)
		next = parse_ethernet(p, inner);
	return next < 0 ? next : parse_network(p, inner, next);
}

static __always_inline void describe_tunnel(struct sonde_tunnel *t, const struct sonde_record *inner)
{
	bool ip = inner->proto < SONDE_PROTO_ARP;

	t->eth_proto = inner->eth_proto;
	t->flags = inner->flags;
	if (!ip)
		return;
	__builtin_memcpy(t->saddr, inner->saddr, __builtin_offsetof(struct sonde_tunnel, eth_proto));
	t->l3_off = inner->l3_off;
	t->ip_proto = inner->ip_proto;
	t->tcp_flags = inner->tcp_flags;
}

/* Fills scratch.tunnel and says so in the record, from where parse() stopped. Returns a parse_err. */
static __always_inline __u32 parse_tunnel(struct packet *p, struct sonde_scratch *s)
{
	int next;

	__builtin_memset(&s->tunnel, 0, sizeof(s->tunnel));
	__builtin_memset(&s->inner, 0, sizeof(s->inner));
	next = parse_tunnel_header(p, &s->rec, &s->tunnel);
	if (s->tunnel.type != SONDE_TUNNEL_NONE)
		s->rec.flags |= SONDE_REC_TUNNEL;
	if (next < 0)
		return -next;
	s->inner.proto = SONDE_PROTO_OTHER;
	next = parse_carried(p, &s->inner, next);
	describe_tunnel(&s->tunnel, &s->inner);
	return next < 0 ? SONDE_PARSE_INNER - next : SONDE_PARSE_OK;
}

#endif
