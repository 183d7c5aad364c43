/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Step 6: emit. The record is built in per-CPU scratch and copied by bpf_ringbuf_output, because a
 * reservation is of constant size only and size classes would waste the ring: what fits into it is
 * what a burst may bring without loss.
 *
 * Wakeups are the kernel's adaptive ones: a record wakes the reader only when the reader had caught
 * up. The reader rests between drains without moving its position, so a flood wakes it once per drain.
 */
#ifndef SONDE_EMIT_BPF_H
#define SONDE_EMIT_BPF_H

#define REC_BYTES sizeof(struct sonde_record)

/* Captures up to snaplen bytes behind the record, zero-padded to 8. */
static __always_inline void capture(const struct packet *p, struct scratch *s, __u32 snaplen)
{
	/* 64 bits wide, so that the verifier sees one register in check and use. */
	__u64 cap = p->len < snaplen ? p->len : snaplen;

	s->rec.rec_len = REC_BYTES;
	barrier_var(cap);
	if (cap == 0 || cap > SONDE_MAX_SNAPLEN)
		return;
	s->data[cap / 8] = 0;
	if (packet_copy(p, 0, s->data, cap))
		return; /* cannot fail within p->len; then the record goes without bytes */
	s->rec.cap_len = cap;
	s->rec.rec_len = REC_BYTES + ((cap + 7) & ~7ull);
}

/* Counts the frame as delivered or lost in the ring. */
static __always_inline void emit(const struct packet *p, struct scratch *s, struct sonde_iface_counters *c,
				 __u32 snaplen)
{
	__u64 len;

	capture(p, s, snaplen);
	s->rec.ts_ns = bpf_ktime_get_boot_ns();
	len = s->rec.rec_len;
	barrier_var(len);
	if (len > sizeof(*s))
		len = sizeof(*s);
	if (bpf_ringbuf_output(&ring, s, len, 0))
		c->ring_lost++;
	else
		c->delivered++;
}

#endif
