/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading a packet's bytes, the same for TC (sk_buff, linear or not) and XDP (one buffer or several). */
#ifndef SONDE_PACKET_BPF_H
#define SONDE_PACKET_BPF_H

/* Eight IPv6 extension headers of the largest size end before this. */
#define PACKET_MAX_OFF 0x7fff

struct packet {
	struct __sk_buff *skb; /* exactly one of skb and xdp is set, known at compile time */
	struct xdp_md *xdp;
	__u32 len; /* bytes of the frame in the buffer; an outer VLAN tag in skb metadata is not among them */
	__u32 off; /* cursor: the next header */
	__u32 end; /* end of the innermost length-delimited layer, ≤ len */
	bool gso;  /* the length fields of a frame to be segmented may be 0 (BIG TCP) */
};

/* XDP buffers are read by helpers from 5.18 on; before it they are always one linear piece. */
static __always_inline bool xdp_bytes_helpers(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_xdp_load_bytes);
}

/* Copies `size` bytes, 1 to 4096, from offset `off`; the caller has checked them against p->len. */
static __always_inline int packet_copy(const struct packet *p, __u32 off, void *dst, __u32 size)
{
	if (p->skb)
		return bpf_skb_load_bytes(p->skb, off, dst, size);
	if (xdp_bytes_helpers())
		return bpf_xdp_load_bytes(p->xdp, off, dst, size);
	/* Linear here; no helper of that time copies a variable length from an XDP buffer. */
	return bpf_probe_read_kernel(dst, size, (void *)(long)p->xdp->data + off);
}

/*
 * Loads a header of constant size at the cursor into dst. Nonzero when the frame ends before.
 * Direct access is some 5 ns cheaper than the helper and nearly always possible.
 */
static __always_inline int packet_load(const struct packet *p, void *dst, const __u32 size)
{
	void *data = (void *)(long)(p->skb ? p->skb->data : p->xdp->data);
	void *data_end = (void *)(long)(p->skb ? p->skb->data_end : p->xdp->data_end);
	__u64 off = p->off; /* 64 bits and one register, so that the bound below holds for the sum */
	void *at;

	barrier_var(off);
	if (off > PACKET_MAX_OFF || off + size > p->end)
		return -1;
	at = data + off;
	barrier_var(at); /* keep one register, so that the check below holds for the reads */
	if (at + size <= data_end) {
		__builtin_memcpy(dst, at, size);
		return 0;
	}
	return packet_copy(p, off, dst, size);
}

#endif
