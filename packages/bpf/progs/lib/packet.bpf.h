/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading a packet's bytes, the same for TC (sk_buff, linear or not) and XDP (one buffer or several). */
#ifndef SONDE_PACKET_BPF_H
#define SONDE_PACKET_BPF_H

/* Eight IPv6 extension headers of the largest size end before this. */
#define PACKET_MAX_OFF 0x7fff
/* Where an 802.1Q tag stands in an Ethernet frame. */
#define PACKET_TAG_OFF 12
#define PACKET_TAG_BYTES 4
/* What test runs put before a packet ends before this. */
#define PACKET_MAX_SKIP 64

/* enum sonde_mode. Its own section, so that the addon finds it by the map's name; a constant for the verifier. */
const volatile __u32 mode SEC(".rodata.mode") = SONDE_MODE_LIVE;

/* Whether user space hands the packets over: they may have been longer on the wire than they are here. */
static __always_inline bool packets_are_given(void)
{
	return mode != SONDE_MODE_LIVE;
}

/* Offsets and lengths are those of the frame as tcpdump sees it, the tag from metadata in place. */
struct packet {
	bool tc;     /* known at compile time: which of skb (also of packet sockets) and xdp is set */
	bool direct; /* known at compile time: the program may read the buffer's first piece itself (no packet socket) */
	struct __sk_buff *skb;
	struct xdp_md *xdp;
	struct sonde_scratch *s;
	__u32 len; /* bytes of the frame that are here */
	__u32 off; /* cursor: the next header */
	__u32 end; /* end of the innermost length-delimited layer; ≤ len but for cut captures that are given */
	__s32 shift; /* offset in the kernel's buffer less offset in the frame */
	bool gso;  /* the length fields of a frame to be segmented may be 0 (BIG TCP) */
};

/* XDP buffers are read by helpers from 5.18 on; before it they are always one linear piece. */
static __always_inline bool xdp_bytes_helpers(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_xdp_load_bytes);
}

/* Copies `size` bytes, 1 to 4096, from offset `off` of the kernel's buffer, where they must be. */
static __always_inline int packet_copy(const struct packet *p, __u32 off, void *dst, __u64 size)
{
	if (p->tc)
		return bpf_skb_load_bytes(p->skb, off, dst, size);
	if (xdp_bytes_helpers())
		return bpf_xdp_load_bytes(p->xdp, off, dst, size);
	/* Linear here; no helper of that time copies a variable length from an XDP buffer. */
	return bpf_probe_read_kernel(dst, size, (void *)(long)p->xdp->data + off);
}

/*
 * Copies `size` bytes at `off` into the window at `at`; both end inside it. Less one and a single
 * comparison on the register itself: verifiers before 6.8 learn nothing from `!= 0`, and of two bounds
 * clang makes one on a copy, whose result those before 6.11 do not carry over.
 */
static __always_inline void window_part(const struct packet *p, __u32 at, __u32 off, __u64 size)
{
	size -= 1;
	barrier_var(size);
	if (size < SONDE_WINDOW - at)
		packet_copy(p, off, p->s->window + at, size + 1);
}

/*
 * The window by loads of our own, when the buffer's first piece holds all of it: a helper's call and its
 * way through the buffer cost more than the copy. Eight bytes at a time; the last eight overlap. False: not
 * done.
 */
static __always_inline bool window_direct(const struct packet *p, __u32 skip, __u32 size)
{
	const void *from = (const void *)(long)(p->tc ? p->skb->data : p->xdp->data);
	const void *end = (const void *)(long)(p->tc ? p->skb->data_end : p->xdp->data_end);
	__u8 *to = p->s->window;
	__u64 last = size - sizeof(__u64);
	__u64 before = skip;

	barrier_var(last); /* as in window_part() */
	barrier_var(before);
	if (before > PACKET_MAX_SKIP || last > SONDE_WINDOW - sizeof(__u64))
		return false;
	from += before;
	if (from + last + sizeof(__u64) > end)
		return false;
	*(__u64 *)(to + last) = *(const __u64 *)(from + last);
#pragma unroll
	for (__u32 at = 0; at < SONDE_WINDOW; at += sizeof(__u64)) {
		if (at >= last || from + at + sizeof(__u64) > end)
			break;
		*(__u64 *)(to + at) = *(const __u64 *)(from + at);
	}
	return true;
}

/* The tag that stands in skb metadata goes where the wire has it. */
static __always_inline void window_tagged(struct packet *p, __u32 skip)
{
	__be16 *tag = (__be16 *)(p->s->window + PACKET_TAG_OFF);
	__u32 size = p->len < SONDE_WINDOW ? p->len : SONDE_WINDOW;

	window_part(p, 0, skip, PACKET_TAG_OFF);
	tag[0] = p->skb->vlan_proto;
	tag[1] = bpf_htons(p->skb->vlan_tci);
	window_part(p, PACKET_TAG_OFF + PACKET_TAG_BYTES, skip + PACKET_TAG_OFF, size - PACKET_TAG_OFF - PACKET_TAG_BYTES);
}

/*
 * Fills the window from a buffer of `len` bytes whose first `skip` are not the frame's. Everything
 * behind reads one copy with constant bounds: no second path for tags, paged data or the hook.
 */
static __always_inline void packet_open(struct packet *p, __u32 len, __u32 skip, bool tagged)
{
	p->len = len - skip;
	p->shift = skip;
	if (tagged && p->len >= PACKET_TAG_OFF + 2) {
		p->len += PACKET_TAG_BYTES;
		p->shift -= PACKET_TAG_BYTES;
		window_tagged(p, skip);
	} else {
		__u32 size = p->len < SONDE_WINDOW ? p->len : SONDE_WINDOW;

		if (!p->direct || !window_direct(p, skip, size))
			window_part(p, 0, skip, size);
	}
	p->end = p->len;
}

/* The `size` bytes of a header at the cursor; null when the frame ends before. */
static __always_inline const void *packet_header(const struct packet *p, const __u32 size)
{
	__u64 off = p->off; /* 64 bits and one register, so that the bound below holds for the sum */

	barrier_var(off);
	if (off > PACKET_MAX_OFF || off + size > p->end || (packets_are_given() && off + size > p->len))
		return NULL;
	if (off <= SONDE_WINDOW - size)
		return p->s->window + off;
	return packet_copy(p, off + p->shift, p->s->far, size) ? NULL : p->s->far;
}

#endif
