// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The packet programs: TC ingress, TC egress, XDP ingress, packet socket; for each program type what looks into
 * tunnels, and the end of the chain. Tail calls lead from one to the next, with a generated match program
 * before the end; they never return, and an empty slot falls through. They watch and never decide: every
 * path ends in the verdict that lets the packet go on as if they were not there.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_core_read.h>

#include "../include/engine.h"
#include "lib/maps.bpf.h"
#include "lib/packet.bpf.h"
#include "lib/parse.bpf.h"
#include "lib/tunnel.bpf.h"
#include "lib/enforce.bpf.h"
#include "lib/account.bpf.h"
#include "lib/flow.bpf.h"
#include "lib/match.bpf.h"
#include "lib/sample.bpf.h"
#include "lib/emit.bpf.h"

/* TCX_NEXT and TC_ACT_UNSPEC alike: leave the packet to the next program, or to the stack. */
#define TC_CONTINUE (-1)

/* Fills the scratch the rest of the chain reads. */
static __always_inline void describe(const struct packet *p, const struct sonde_iface *iface, __u32 ifindex, __u32 direction,
				     __u32 gso_segs)
{
	struct sonde_scratch *s = p->s;

	s->matched = 0;
	s->cap_len = p->len;
	s->wire_len = p->end;
	s->packet_type = direction == SONDE_EGRESS ? PACKET_OUTGOING : 0;
	s->shift = p->shift;
	s->iface_slot = iface_slot(iface, ifindex, direction);
	/* What comes before the addresses is filled by whoever emits the record. */
	__builtin_memset(s->rec.saddr, 0, sizeof(s->rec) - __builtin_offsetof(struct sonde_record, saddr));
	s->rec.wire_len = p->end;
	s->rec.gso_segs = gso_segs ? gso_segs : 1;
	s->rec.ifindex = ifindex;
	s->rec.direction = direction;
	s->rec.hook = iface->hook;
}

static __always_inline __u32 shape_of(const struct sonde_record *rec)
{
	if (rec->parse_err || rec->flags || rec->l3_off != sizeof(struct ethhdr))
		return SONDE_SHAPE_OTHER;
	if (rec->l4_off == sizeof(struct ethhdr) + sizeof(struct iphdr))
		return rec->proto == SONDE_PROTO_TCP4   ? SONDE_SHAPE_TCP4
		       : rec->proto == SONDE_PROTO_UDP4 ? SONDE_SHAPE_UDP4
							: SONDE_SHAPE_OTHER;
	if (rec->l4_off == sizeof(struct ethhdr) + sizeof(struct ipv6hdr))
		return rec->proto == SONDE_PROTO_TCP6   ? SONDE_SHAPE_TCP6
		       : rec->proto == SONDE_PROTO_UDP6 ? SONDE_SHAPE_UDP6
							: SONDE_SHAPE_OTHER;
	return SONDE_SHAPE_OTHER;
}

/* Offsets are told as those in the captured bytes, which lack the tag from metadata. */
static __always_inline __u16 less_tag(__u16 off)
{
	return off ? off - PACKET_TAG_BYTES : 0;
}

static __always_inline void mark_meta_tag(struct sonde_record *rec)
{
	rec->flags |= SONDE_REC_VLAN_META;
	rec->l3_off = less_tag(rec->l3_off);
	rec->l4_off = less_tag(rec->l4_off);
}

/* What comes after parse and account, for a packet from a tunnel or not. */
static __always_inline void go_on(void *ctx, void *chain, struct sonde_scratch *s, struct sonde_iface *iface, struct sonde_control *ctl)
{
	account_flow(s, &iface->c, ctl);
	if (mode == SONDE_MODE_TEST) {
		ctl->given.rec = s->rec;
		ctl->given.tunnel = s->tunnel;
	}
	if (is_exempt(&s->rec, iface->flags, ctl)) {
		iface->c.unmatched++;
		return;
	}
	/* Constant slots: the kernel turns these into plain jumps. */
	if (iface->flags & SONDE_IFACE_L3)
		bpf_tail_call_static(ctx, chain, SONDE_CHAIN_RAW);
	else
		bpf_tail_call_static(ctx, chain, SONDE_CHAIN_ETHERNET);
	s->matched = 1;
	s->set = SONDE_SET_BUILTIN;
	bpf_tail_call_static(ctx, chain, SONDE_CHAIN_EMIT);
}

static __always_inline void run(struct packet *p, void *ctx, void *chain, __u32 len, bool tagged, __u32 ifindex,
				__u32 direction, __u32 gso_segs)
{
	struct sonde_iface *iface = find_iface(ifindex, direction);
	struct sonde_control *ctl = find_control();

	p->s = find_scratch();
	if (!iface || !p->s || !ctl)
		return;
	tagged = tagged && !(iface->flags & SONDE_IFACE_L3);
	packet_open(p, len, packets_are_given() ? ctl->given.skip : 0, tagged);
	if (packets_are_given())
		p->end = ctl->given.wire_len;
	describe(p, iface, ifindex, direction, gso_segs);
	parse(p, &p->s->rec, iface->flags);
	p->s->rec.verdict = enforce();
	p->s->shape = shape_of(&p->s->rec);
	account(&iface->c, &p->s->rec);
	if (tunnel_of(&p->s->rec) != SONDE_TUNNEL_NONE) {
		p->s->off = p->off;
		p->s->end = p->end;
		bpf_tail_call_static(ctx, chain, SONDE_CHAIN_TUNNEL);
	}
	if (tagged)
		mark_meta_tag(&p->s->rec);
	go_on(ctx, chain, p->s, iface, ctl);
}

/* The same for what tunnel_of() found; its outer packet is parsed and accounted. */
static __always_inline void run_tunnel(struct packet *p, void *ctx, void *chain, bool tagged)
{
	struct sonde_scratch *s = find_scratch();
	struct sonde_control *ctl = find_control();
	struct sonde_iface *iface;
	__u32 err;

	if (!s || !ctl)
		return;
	iface = find_iface(s->rec.ifindex, s->rec.direction);
	if (!iface)
		return;
	tagged = tagged && !(iface->flags & SONDE_IFACE_L3);
	p->s = s;
	p->len = s->cap_len;
	p->off = s->off;
	p->end = s->end;
	p->shift = s->shift;
	err = parse_tunnel(p, s);
	if (err) {
		s->rec.parse_err = err;
		account_malformed(&iface->c, err);
	}
	if (tagged) {
		mark_meta_tag(&s->rec);
		s->tunnel.l3_off = less_tag(s->tunnel.l3_off);
	}
	go_on(ctx, chain, s, iface, ctl);
}

static __always_inline int run_tc(struct __sk_buff *skb, __u32 direction)
{
	struct packet p = { .tc = true, .direct = true, .skb = skb, .gso = skb->gso_segs > 1 };

	run(&p, skb, &chain_tc, skb->len, skb->vlan_present, skb->ifindex, direction, skb->gso_segs);
	return TC_CONTINUE;
}

SEC("tc")
int sonde_tc_in(struct __sk_buff *skb)
{
	return run_tc(skb, SONDE_INGRESS);
}

SEC("tc")
int sonde_tc_out(struct __sk_buff *skb)
{
	return run_tc(skb, SONDE_EGRESS);
}

SEC("tc")
int sonde_tc_tunnel(struct __sk_buff *skb)
{
	struct packet p = { .tc = true, .skb = skb, .gso = skb->gso_segs > 1 };

	run_tunnel(&p, skb, &chain_tc, skb->vlan_present);
	return TC_CONTINUE;
}

SEC("tc")
int sonde_tc_emit(struct __sk_buff *skb)
{
	struct packet p = { .tc = true, .skb = skb, .s = find_scratch(), .len = skb->len };

	if (p.s)
		emit(&p, p.s);
	return TC_CONTINUE;
}

static __always_inline __u32 xdp_len(struct xdp_md *xdp)
{
	return xdp_bytes_helpers() ? (__u32)bpf_xdp_get_buff_len(xdp) : xdp->data_end - xdp->data;
}

SEC("xdp")
int sonde_xdp_in(struct xdp_md *xdp)
{
	struct packet p = { .direct = true, .xdp = xdp };

	run(&p, xdp, &chain_xdp, xdp_len(xdp), false, xdp->ingress_ifindex, SONDE_INGRESS, 1);
	return XDP_PASS;
}

SEC("xdp")
int sonde_xdp_tunnel(struct xdp_md *xdp)
{
	struct packet p = { .xdp = xdp };

	run_tunnel(&p, xdp, &chain_xdp, false);
	return XDP_PASS;
}

SEC("xdp")
int sonde_xdp_emit(struct xdp_md *xdp)
{
	struct packet p = { .xdp = xdp, .s = find_scratch(), .len = xdp_len(xdp) };

	if (p.s)
		emit(&p, p.s);
	return XDP_PASS;
}

/*
 * Run by the addon each second while it reads: the lease is kept in jiffies, which cost nothing to read,
 * and user space has no other way to learn them.
 */
SEC("xdp")
int sonde_clock(struct xdp_md *xdp __attribute__((unused)))
{
	struct sonde_control *ctl = find_control();

	if (ctl)
		ctl->jiffies = bpf_jiffies64();
	return XDP_PASS;
}

/*
 * A packet socket sees both directions of its device, of which another hook may account one. It keeps 0
 * bytes of every packet: nothing is ever queued to it.
 */
SEC("socket")
int sonde_socket(struct __sk_buff *skb)
{
	struct packet p = { .tc = true, .skb = skb, .gso = skb->gso_segs > 1 };
	__u32 direction = skb->pkt_type == PACKET_OUTGOING ? SONDE_EGRESS : SONDE_INGRESS;
	struct sonde_iface *iface = find_iface(skb->ifindex, direction);

	if (iface && iface->hook == SONDE_HOOK_SOCKET)
		run(&p, skb, &chain_socket, skb->len, skb->vlan_present, skb->ifindex, direction, skb->gso_segs);
	return 0;
}

SEC("socket")
int sonde_socket_tunnel(struct __sk_buff *skb)
{
	struct packet p = { .tc = true, .skb = skb, .gso = skb->gso_segs > 1 };

	run_tunnel(&p, skb, &chain_socket, skb->vlan_present);
	return 0;
}

SEC("socket")
int sonde_socket_emit(struct __sk_buff *skb)
{
	struct packet p = { .tc = true, .skb = skb, .s = find_scratch(), .len = skb->len };

	if (p.s)
		emit(&p, p.s);
	return 0;
}

const char _license[] SEC("license") = "Dual BSD/GPL";
