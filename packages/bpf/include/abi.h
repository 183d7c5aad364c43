/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structs shared by the kernel programs, the addon and (as byte offsets) the codec in
 * packages/protocol. Little-endian hosts only. Every struct is a multiple of 8 bytes with explicit
 * padding, and is copied to the wire as it lies in memory; docs: packages/protocol/SPEC.md.
 */
#ifndef SONDE_ABI_H
#define SONDE_ABI_H

#ifdef __BPF__
/* __u8 … __u64 come from the program's own kernel type declarations. */
#else
#include <linux/types.h>
#endif

#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert static_assert
#endif

#define SONDE_ABI_VERSION 3
#define SONDE_MAX_INTERFACES 1024
#define SONDE_MAX_OWN_ENDPOINTS 256
#define SONDE_MAX_SNAPLEN 4096

enum sonde_direction { SONDE_INGRESS = 1, SONDE_EGRESS = 2 };

/* What attached the program that counted or recorded a packet. */
enum sonde_hook {
	SONDE_HOOK_TCX = 1,
	SONDE_HOOK_CLSACT = 2,
	SONDE_HOOK_XDP_NATIVE = 3,
	SONDE_HOOK_XDP_GENERIC = 4,
	SONDE_HOOK_SOCKET = 5, /* filter of a packet socket (AF_PACKET) */
};

/* Protocol classes of the exact counters; the order is the wire order and the column order. */
enum sonde_proto {
	SONDE_PROTO_TCP4,
	SONDE_PROTO_UDP4,
	SONDE_PROTO_ICMP4,
	SONDE_PROTO_IP4_OTHER,
	SONDE_PROTO_TCP6,
	SONDE_PROTO_UDP6,
	SONDE_PROTO_ICMP6,
	SONDE_PROTO_IP6_OTHER,
	SONDE_PROTO_ARP,
	SONDE_PROTO_OTHER,
	SONDE_PROTO_COUNT
};

/* Why a header could not be parsed. 0 is a packet parsed as far as its protocol is known. */
enum sonde_parse_err {
	SONDE_PARSE_OK,
	SONDE_PARSE_SHORT_L2,      /* frame ends inside the Ethernet header */
	SONDE_PARSE_SHORT_VLAN,    /* frame ends inside an 802.1Q/802.1ad tag */
	SONDE_PARSE_SHORT_ARP,
	SONDE_PARSE_SHORT_IPV4,
	SONDE_PARSE_BAD_IP_VERSION, /* version nibble disagrees with the EtherType */
	SONDE_PARSE_BAD_IHL,       /* ihl < 5, or options past the end of the frame */
	SONDE_PARSE_BAD_IP_LENGTH, /* total/payload length smaller than the headers or past the frame */
	SONDE_PARSE_SHORT_IPV6,
	SONDE_PARSE_SHORT_IPV6_EXT,
	SONDE_PARSE_TOO_MANY_EXT,  /* more extension headers than the bounded walk steps over */
	SONDE_PARSE_SHORT_TCP,
	SONDE_PARSE_BAD_DOFF,      /* doff < 5, or options past the end of the segment */
	SONDE_PARSE_SHORT_UDP,
	SONDE_PARSE_BAD_UDP_LENGTH,
	SONDE_PARSE_SHORT_ICMP,
	SONDE_PARSE_SHORT_SCTP,
	SONDE_PARSE_SHORT_GRE,     /* frame ends inside the GRE header and its options */
	SONDE_PARSE_BAD_GRE,       /* version other than 0, or routing present (RFC 2784) */
	SONDE_PARSE_SHORT_VXLAN,
	SONDE_PARSE_BAD_VXLAN,     /* the flag that says a VNI is there is missing (RFC 7348) */
	SONDE_PARSE_SHORT_GENEVE,  /* datagram ends inside the Geneve header and its options */
	SONDE_PARSE_BAD_GENEVE,    /* version other than 0 (RFC 8926) */
	/* In the packet that a tunnel carries: the same reason, counted apart. */
	SONDE_PARSE_INNER = 32,
	SONDE_PARSE_ERR_COUNT = 64
};

/* What became of the packet; the order is that of the counters. */
enum sonde_verdict { SONDE_VERDICT_PASS, SONDE_VERDICT_DROP, SONDE_VERDICT_COUNT };

/* What carries another packet inside it. One level is looked into. */
enum sonde_tunnel_type {
	SONDE_TUNNEL_NONE,
	SONDE_TUNNEL_VXLAN,  /* RFC 7348: UDP to port 4789 */
	SONDE_TUNNEL_GENEVE, /* RFC 8926: UDP to port 6081 */
	SONDE_TUNNEL_GRE,    /* RFC 2784, RFC 2890: IP protocol 47, carrying IPv4, IPv6 or Ethernet (0x6558) */
	SONDE_TUNNEL_IPIP,   /* RFC 2003, RFC 2473, RFC 4213: IP protocols 4 and 41 */
};

/* sonde_record.flags */
#define SONDE_REC_VLAN        0x01 /* vlan_tci is valid */
#define SONDE_REC_VLAN_INNER  0x02 /* vlan_inner_tci is valid (Q-in-Q) */
#define SONDE_REC_VLAN_META   0x04 /* the outer tag is in skb metadata, not in the captured bytes */
#define SONDE_REC_FRAGMENT    0x08 /* any IP fragment, first included */
#define SONDE_REC_LATER_FRAG  0x10 /* fragment offset > 0: no L4 header, ports are 0 */
#define SONDE_REC_L3          0x20 /* the device has no Ethernet header; captured bytes start at L3 */
#define SONDE_REC_TUNNEL      0x40 /* a struct sonde_tunnel ends the record */

/*
 * One sampled packet: 96 bytes, then cap_len bytes of the frame, zero-padded to 8, then, where the flags
 * say so, struct sonde_tunnel.
 * Little-endian, but for the fields marked be: network order, as in the packet.
 */
struct sonde_record {
	__u16 rec_len;        /*  0: all of it, multiple of 8 */
	__u16 cap_len;        /*  2 */
	__u32 wire_len;       /*  4: frame length as tcpdump shows it, tags included */
	__u64 ts_ns;          /*  8: CLOCK_BOOTTIME */
	__u32 ifindex;        /* 16 */
	__u32 sample_n;       /* 20: this record stands for 1 in N */
	__u64 matched;        /* 24: bit per filter of the filter set */
	__u64 selected;       /* 32: filters whose sampling chose this packet */
	__u8 saddr[16];       /* 40: be; IPv4 in the first 4 bytes, rest zero; ARP sender address likewise */
	__u8 daddr[16];       /* 56: be */
	__u16 sport;          /* 72: be; ICMP: type << 8 | code; ARP: opcode */
	__u16 dport;          /* 74: be; ICMP echo: identifier */
	__u16 eth_proto;      /* 76: be; EtherType after the tags */
	__u16 vlan_tci;       /* 78: host order (LE) */
	__u16 vlan_inner_tci; /* 80: host order (LE) */
	__u16 gso_segs;       /* 82: wire packets in this frame, at least 1 */
	__u16 l3_off;         /* 84: offset of the IP/ARP header in the captured bytes */
	__u16 l4_off;         /* 86: offset of the L4 header, 0 when none was reached */
	__u8 direction;       /* 88: enum sonde_direction */
	__u8 hook;            /* 89: enum sonde_hook */
	__u8 verdict;         /* 90: enum sonde_verdict */
	__u8 parse_err;       /* 91: enum sonde_parse_err */
	__u8 ip_proto;        /* 92: IANA protocol number after extension headers, 0 when not IP */
	__u8 tcp_flags;       /* 93: byte 13 of the TCP header (CWR ECE URG ACK PSH RST SYN FIN) */
	__u8 flags;           /* 94: SONDE_REC_* */
	__u8 proto;           /* 95: enum sonde_proto */
};
_Static_assert(sizeof(struct sonde_record) == 96, "record header is 96 bytes on the wire");
_Static_assert(__builtin_offsetof(struct sonde_record, saddr) == 40, "saddr at 40");
_Static_assert(__builtin_offsetof(struct sonde_record, sport) == 72, "sport at 72");
_Static_assert(__builtin_offsetof(struct sonde_record, direction) == 88, "direction at 88");

/*
 * What a tunnel carries: the last 48 bytes of a record. The record's own fields are those of the outer
 * packet. All 0 behind what could not be parsed; parse_err of the record says why.
 */
struct sonde_tunnel {
	__u8 saddr[16];  /*  0: be; IPv4 in the first 4 bytes, rest zero; all zero when no IP packet is inside */
	__u8 daddr[16];  /* 16: be */
	__u16 sport;     /* 32: be; as in the record */
	__u16 dport;     /* 34: be */
	__u16 eth_proto; /* 36: be; of the packet inside, after its tags */
	__u16 l3_off;    /* 38: offset of its IP header in the captured bytes, 0 when none was reached */
	__u32 id;        /* 40: host order (LE); VNI of VXLAN and Geneve, key of GRE, else 0 */
	__u8 type;       /* 44: enum sonde_tunnel_type */
	__u8 ip_proto;   /* 45 */
	__u8 tcp_flags;  /* 46 */
	__u8 flags;      /* 47: SONDE_REC_VLAN (tags inside), _FRAGMENT, _LATER_FRAG */
};
_Static_assert(sizeof(struct sonde_tunnel) == 48, "tunnel trailer is 48 bytes on the wire");

struct sonde_counts {
	__u64 frames;  /* as `ip -s link` and tcpdump count */
	__u64 packets; /* on the wire: frames × gso_segs */
	__u64 bytes;   /* of the frames, tags included, without FCS */
};

/* Sizes of frames: fewer than 64 bytes, then by powers of two up to 64 KiB and more. */
#define SONDE_SIZE_CLASSES 12
/* Bits of a TCP header's byte 13, lowest first: FIN SYN RST PSH ACK URG ECE CWR. */
#define SONDE_TCP_FLAGS 8

/*
 * Exact counters of one interface and direction. Every frame is in exactly one class of each equation:
 *   Σ proto[][].frames = unmatched + sampled_out + ring_lost + no_reader + delivered
 *   Σ proto[][] = flows' + unflowed + non_flow, in frames, packets and bytes
 */
struct sonde_iface_counters {
	struct sonde_counts proto[SONDE_VERDICT_COUNT][SONDE_PROTO_COUNT]; /*   0 */
	__u64 unmatched;   /* 480: matched no filter; also Sonde's own connections and loopback egress */
	__u64 sampled_out; /* 488 */
	__u64 ring_lost;   /* 496: the ring buffer was full */
	__u64 delivered;   /* 504: records put into the ring */
	__u64 no_reader;   /* 512: matched while no agent read the ring */
	struct sonde_counts unflowed; /* 520: of flows that no table had room for */
	struct sonde_counts non_flow; /* 544: not IP, or malformed */
	__u64 tcp_flags[SONDE_TCP_FLAGS];  /* 568: TCP segments (outer) with that bit set */
	__u64 sizes[SONDE_SIZE_CLASSES];   /* 632: frames by length */
	__u64 malformed[SONDE_PARSE_ERR_COUNT]; /* 728: by enum sonde_parse_err; [0] stays 0 */
};
_Static_assert(sizeof(struct sonde_iface_counters) == 1240, "counters are 1240 bytes on the wire");

/* One row of a counter batch: 1248 bytes. */
struct sonde_counter_row {
	__u32 ifindex;  /* 0 */
	__u8 direction; /* 4 */
	__u8 hook;      /* 5 */
	__u16 reserved; /* 6: zero */
	struct sonde_iface_counters c; /* 8 */
};
_Static_assert(sizeof(struct sonde_counter_row) == 1248, "counter row is 1248 bytes on the wire");

/* What two packets of one flow have in common: 56 bytes. For a tunnelled packet the packet inside counts. */
struct sonde_flow_key {
	__u8 saddr[16];    /*  0: be; IPv4 in the first 4 bytes, rest zero */
	__u8 daddr[16];    /* 16: be */
	__u16 sport;       /* 32: be; as in the record: also ICMP type and code */
	__u16 dport;       /* 34: be; ICMP echo: identifier */
	__u32 ifindex;     /* 36 */
	__u16 vlan;        /* 40: host order (LE); 0: no tag, else 0x1000 | VLAN id. The frame's own, not a tunnelled one's */
	__u16 vlan_inner;  /* 42: likewise */
	__u32 tunnel_id;   /* 44: as struct sonde_tunnel */
	__u8 tunnel;       /* 48: enum sonde_tunnel_type */
	__u8 family;       /* 49: 4 or 6 */
	__u8 ip_proto;     /* 50 */
	__u8 direction;    /* 51: enum sonde_direction */
	__u32 reserved;    /* 52: zero */
};
_Static_assert(sizeof(struct sonde_flow_key) == 56, "flow key");

/* Why a flow record was written: flowEndReason of IPFIX (element 136, RFC 5102). */
enum sonde_flow_end {
	SONDE_FLOW_END_NONE,           /* only between kernel and agent: what a drain found */
	SONDE_FLOW_END_IDLE,
	SONDE_FLOW_END_ACTIVE,
	SONDE_FLOW_END_DETECTED,       /* FIN of both sides seen by the host, or RST */
	SONDE_FLOW_END_FORCED,         /* the agent stops, or the interface went */
	SONDE_FLOW_END_NO_RESOURCES,   /* the agent's table is full */
};

/* A flow, one direction of a conversation, as a drain finds it and as a flow record: 104 bytes. */
struct sonde_flow {
	struct sonde_flow_key key; /*  0 */
	__u64 first_ns;            /* 56: CLOCK_BOOTTIME, to a jiffy */
	__u64 last_ns;             /* 64 */
	struct sonde_counts n;     /* 72 */
	__u8 tcp_flags;            /* 96: of all its segments */
	__u8 verdict;              /* 97: of the last packet */
	__u8 end_reason;           /* 98: enum sonde_flow_end */
	__u8 reserved[5];          /* 99: zero */
};
_Static_assert(sizeof(struct sonde_flow) == 104, "a flow is 104 bytes on the wire");

/*
 * Exact counters of one filter of a filter set:
 *   matched = sampled_out + ring_lost + no_reader + delivered
 */
struct sonde_filter_counters {
	__u64 matched;
	__u64 sampled_out;
	__u64 ring_lost;
	__u64 no_reader;
	__u64 delivered;
};

/* One row of filter counters: 48 bytes. */
struct sonde_filter_row {
	__u32 filter_set;               /* 0: number of the set */
	__u32 bit;                      /* 4: the filter's bit in sonde_record.matched */
	struct sonde_filter_counters c; /* 8 */
};
_Static_assert(sizeof(struct sonde_filter_row) == 48, "filter row is 48 bytes");

/* Batch header, 112 bytes; SPEC.md section 2. */
#define SONDE_BATCH_MAGIC 0x42444e53u /* "SNDB" read as little-endian u32 */
#define SONDE_BATCH_VERSION 3
enum sonde_batch_kind {
	SONDE_BATCH_RECORDS = 1,         /* struct sonde_record */
	SONDE_BATCH_COUNTERS = 2,        /* struct sonde_counter_row */
	SONDE_BATCH_FLOWS = 3,           /* struct sonde_flow */
	SONDE_BATCH_FILTER_COUNTERS = 4, /* struct sonde_filter_row */
};

struct sonde_batch_header {
	__u32 magic;       /*   0 */
	__u16 version;     /*   4 */
	__u16 kind;        /*   6 */
	__u8 host_id[16];  /*   8: UUID bytes, filled by the agent */
	__u8 boot_id[16];  /*  24: UUID bytes of /proc/sys/kernel/random/boot_id, filled by the agent */
	__u64 stream;      /*  40: random per agent run, filled by the agent */
	__u64 sequence;    /*  48: from 1 per (host, boot, stream, kind), filled by the agent */
	__u32 filter_set;  /*  56: number of the filter set; 0 is the built-in "everything" */
	__u32 count;       /*  60: records or rows that follow */
	__u32 body_len;    /*  64: bytes that follow the header */
	__u32 sample_n;    /*  68: 1 in N in force when the batch was closed */
	__u64 first_ns;    /*  72: CLOCK_BOOTTIME; records: first record; counters: start of the interval */
	__u64 last_ns;     /*  80: CLOCK_BOOTTIME; records: last record; counters: end of the interval */
	__u64 ring_lost;   /*  88: records lost in the ring since the stream began */
	__u64 queue_lost;  /*  96: records dropped by the agent's queue since the stream began */
	__u32 snaplen;     /* 104 */
	__u32 reserved;    /* 108: zero */
};
_Static_assert(sizeof(struct sonde_batch_header) == 112, "batch header is 112 bytes");
_Static_assert(__builtin_offsetof(struct sonde_batch_header, stream) == 40, "stream at 40");
_Static_assert(__builtin_offsetof(struct sonde_batch_header, first_ns) == 72, "first_ns at 72");

#endif
