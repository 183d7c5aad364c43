// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The packet programs: TC ingress, TC egress, XDP ingress. They watch and never decide: every path
 * ends in the verdict that lets the packet go on as if they were not there.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
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
#include "lib/account.bpf.h"
#include "lib/match.bpf.h"
#include "lib/sample.bpf.h"
#include "lib/emit.bpf.h"

/* TCX_NEXT and TC_ACT_UNSPEC alike: leave the packet to the next program, or to the stack. */
#define TC_CONTINUE (-1)

static __always_inline void run(struct packet *p, __u32 ifindex, __u32 direction, __u32 gso_segs)
{
	struct sonde_iface *iface = find_iface(ifindex, direction);
	struct scratch *s = find_scratch();
	__u64 word;

	if (!iface || !s)
		return;
	__builtin_memset(&s->rec, 0, sizeof(s->rec));
	s->rec.wire_len = p->len;
	s->rec.gso_segs = gso_segs ? gso_segs : 1;
	s->rec.ifindex = ifindex;
	s->rec.direction = direction;
	s->rec.hook = iface->hook;
	parse(p, &s->rec, iface->flags);
	account(&iface->c, &s->rec);
	word = read_control();
	s->rec.matched = match(&s->rec, iface->flags, sonde_control_flags(word));
	if (!s->rec.matched) {
		iface->c.unmatched++;
		return;
	}
	s->rec.sample_n = sonde_control_n(word);
	if (!sample(s->rec.sample_n)) {
		iface->c.sampled_out++;
		return;
	}
	s->rec.selected = s->rec.matched;
	emit(p, s, &iface->c, sonde_control_snaplen(word));
}

static __always_inline int run_tc(struct __sk_buff *skb, __u32 direction)
{
	struct packet p = { .skb = skb, .len = skb->len, .end = skb->len, .gso = skb->gso_segs > 1 };

	run(&p, skb->ifindex, direction, skb->gso_segs);
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

SEC("xdp")
int sonde_xdp_in(struct xdp_md *xdp)
{
	struct packet p = { .xdp = xdp };

	p.len = xdp_bytes_helpers() ? (__u32)bpf_xdp_get_buff_len(xdp) : xdp->data_end - xdp->data;
	p.end = p.len;
	run(&p, xdp->ingress_ifindex, SONDE_INGRESS, 1);
	return XDP_PASS;
}

const char _license[] SEC("license") = "Dual BSD/GPL";
