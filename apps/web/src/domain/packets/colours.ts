import type { ColourRule } from "./types.ts";

/** A colouring rule of the page: the tone is a token of docs/design.md. */
export type TonedRule = ColourRule & { readonly tone: string };

/** In force until someone changes them; the first that takes a packet wins. */
export const defaultRules: readonly TonedRule[] = [
  {
    name: "TCP trouble",
    filter:
      "tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission || tcp.analysis.lost_segment || tcp.analysis.out_of_order || tcp.analysis.duplicate_ack || tcp.analysis.zero_window || tcp.analysis.window_full",
    tone: "retransmitted",
  },
  { name: "Reset", filter: "tcp.flags.rst == 1", tone: "dropped" },
  { name: "ICMP errors", filter: "icmp.type in {3, 5, 11, 12} || icmpv6.type in {1, 2, 3, 4}", tone: "monitored" },
  { name: "ARP", filter: "arp", tone: "arp" },
  { name: "ICMP", filter: "icmp || icmpv6", tone: "icmp" },
  { name: "Tunnels", filter: "vxlan || geneve || gre", tone: "tunnelled" },
  { name: "TCP opens or closes", filter: "tcp.flags.syn == 1 || tcp.flags.fin == 1", tone: "other" },
  { name: "DNS", filter: "dns", tone: "udp" },
  { name: "HTTP", filter: "http", tone: "tcp" },
];

/** The rules as text for the browser to keep; and back: what cannot be read is left out. */
export const rulesText = (rules: readonly TonedRule[]): string =>
  JSON.stringify(rules.map(({ name, filter, tone }) => [name, filter, tone]));
export function rulesOf(text: string): readonly TonedRule[] {
  if (text === "") return defaultRules;
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return defaultRules;
  }
  if (!Array.isArray(kept)) return defaultRules;
  return kept.flatMap((one: unknown) => {
    if (!Array.isArray(one)) return [];
    const [name, filter, tone]: unknown[] = one;
    return typeof name === "string" && typeof filter === "string" && typeof tone === "string" ? [{ name, filter, tone }] : [];
  });
}
