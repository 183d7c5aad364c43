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

#define REC_BYTES sizeof(struct sonde_record)
#define RING_BYTES (SONDE_RING_PREFIX + REC_BYTES + sizeof(((struct sonde_scratch *)0)->data))

/* Captures up to snaplen bytes behind the record, zero-padded to 8. A tag in metadata is not among them. */
static __always_inline void capture(const struct packet *p, struct sonde_scratch *s, __u32 snaplen)
{
	/* 64 bits wide, so that the verifier sees one register in check and use. */
	__u64 cap = p->len < snaplen ? p->len : snaplen;

	s->rec.rec_len = REC_BYTES;
	s->rec.cap_len = 0;
	cap -= 1; /* as in window_part() */
	barrier_var(cap);
	if (cap >= SONDE_MAX_SNAPLEN)
		return;
	cap += 1;
	s->data[cap / 8] = 0;
	if (packet_copy(p, 0, s->data, cap))
		return; /* cannot fail within p->len; then the record goes without bytes */
	s->rec.cap_len = cap;
	s->rec.rec_len = REC_BYTES + ((cap + 7) & ~7ull);
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
	if (testing) {
		ctl->test.matched = s->matched;
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
	s->rec.ts_ns = bpf_ktime_get_boot_ns();
	if (put(s)) {
		iface->c.ring_lost++;
		count_filters(slot, s->selected, FILTER_RING_LOST);
	} else {
		iface->c.delivered++;
		count_filters(slot, s->selected, FILTER_DELIVERED);
	}
}

#endif
