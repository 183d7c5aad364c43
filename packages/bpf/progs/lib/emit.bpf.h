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
#define RING_BYTES (SONDE_RING_PREFIX + REC_BYTES + sizeof(((struct sonde_scratch *)0)->data))

/* Captures up to snaplen bytes behind the record, zero-padded to 8. A tag in metadata is not among them. */
static __always_inline void capture(const struct packet *p, struct sonde_scratch *s, __u32 snaplen)
{
	/* A given packet stands behind other bytes, and without metadata; a live one begins where the buffer does. */
	__u32 len = packets_are_given() ? s->cap_len : p->len;
	__u32 off = packets_are_given() ? s->shift : 0;
	/* 64 bits wide, so that the verifier sees one register in check and use. */
	__u64 cap = len < snaplen ? len : snaplen;

	s->rec.rec_len = REC_BYTES;
	s->rec.cap_len = 0;
	cap -= 1; /* as in window_part() */
	barrier_var(cap);
	if (cap >= SONDE_MAX_SNAPLEN)
		return;
	cap += 1;
	s->data[cap / 8] = 0;
	if (packet_copy(p, off, s->data, cap))
		return; /* cannot fail within p->len; then the record goes without bytes */
	s->rec.cap_len = cap;
	s->rec.rec_len = REC_BYTES + ((cap + 7) & ~7ull);
}

/* The trailer stands behind the captured bytes and their padding. */
static __always_inline void append_tunnel(struct sonde_scratch *s)
{
	__u64 at = s->rec.rec_len - REC_BYTES;

	if (!(s->rec.flags & SONDE_REC_TUNNEL))
		return;
	barrier_var(at);
	if (at > sizeof(s->data) - sizeof(s->tunnel))
		return;
	__builtin_memcpy((__u8 *)s->data + at, &s->tunnel, sizeof(s->tunnel));
	s->rec.rec_len += sizeof(s->tunnel);
}

/* Nonzero when the ring is full. */
static __always_inline long put(struct sonde_scratch *s)
{
	__u64 len = SONDE_RING_PREFIX + s->rec.rec_len;

	barrier_var(len);
	if (len > RING_BYTES)
		len = RING_BYTES;
	return bpf_ringbuf_output(&ring, &s->filter_set, len, 0);
}

/* The end of the chain: every frame that was not counted as exempt falls into one class of the ledger here. */
static __always_inline void emit(const struct packet *p, struct sonde_scratch *s)
{
	struct sonde_iface *iface = find_iface(s->rec.ifindex, s->rec.direction);
	struct sonde_control *ctl = find_control();
	__u32 slot = s->set;

	if (!iface || !ctl || slot >= SONDE_SET_SLOTS)
		return;
	if (mode == SONDE_MODE_TEST) {
		ctl->given.matched = s->matched;
		return;
	}
	if (!s->matched) {
		iface->c.unmatched++;
		return;
	}
	if (bpf_jiffies64() >= *(volatile __u64 *)&ctl->lease) {
		iface->c.no_reader++;
		count_filters(slot, s->matched, FILTER_NO_READER);
		return;
	}
	select_filters(s);
	if (!s->selected) {
		iface->c.sampled_out++;
		return;
	}
	s->filter_set = ctl->sets[slot].number;
	s->rec.matched = s->matched;
	s->rec.selected = s->selected;
	s->rec.sample_n = s->sample_n;
	capture(p, s, s->snaplen);
	append_tunnel(s);
	s->rec.ts_ns = mode == SONDE_MODE_REPLAY ? ctl->given.ts_ns : bpf_ktime_get_boot_ns();
	if (put(s)) {
		iface->c.ring_lost++;
		count_filters(slot, s->selected, FILTER_RING_LOST);
	} else {
		iface->c.delivered++;
		count_filters(slot, s->selected, FILTER_DELIVERED);
	}
}

#endif
