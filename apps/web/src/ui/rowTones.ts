/** What colours a row: a token of docs/design.md. */
export const rowToneNames = [
  "tcp",
  "udp",
  "icmp",
  "arp",
  "ip",
  "other",
  "dropped",
  "monitored",
  "retransmitted",
  "tunnelled",
  "ok",
  "accent",
] as const;
export type RowTone = (typeof rowToneNames)[number];

/** A tint that leaves the text its contrast, and a bar of the full hue at the left. Whole class names: Tailwind reads them here. */
export const rowTones: Record<RowTone, string> = {
  tcp: "bg-[color-mix(in_srgb,var(--tcp)_7%,transparent)] shadow-[inset_2px_0_0_var(--tcp)]",
  udp: "bg-[color-mix(in_srgb,var(--udp)_7%,transparent)] shadow-[inset_2px_0_0_var(--udp)]",
  icmp: "bg-[color-mix(in_srgb,var(--icmp)_7%,transparent)] shadow-[inset_2px_0_0_var(--icmp)]",
  arp: "bg-[color-mix(in_srgb,var(--arp)_7%,transparent)] shadow-[inset_2px_0_0_var(--arp)]",
  ip: "bg-[color-mix(in_srgb,var(--ip)_7%,transparent)] shadow-[inset_2px_0_0_var(--ip)]",
  other: "bg-[color-mix(in_srgb,var(--other)_7%,transparent)] shadow-[inset_2px_0_0_var(--other)]",
  dropped: "bg-[color-mix(in_srgb,var(--dropped)_12%,transparent)] shadow-[inset_2px_0_0_var(--dropped)]",
  monitored: "bg-[color-mix(in_srgb,var(--monitored)_10%,transparent)] shadow-[inset_2px_0_0_var(--monitored)]",
  retransmitted: "bg-[color-mix(in_srgb,var(--retransmitted)_12%,transparent)] shadow-[inset_2px_0_0_var(--retransmitted)]",
  tunnelled: "bg-[color-mix(in_srgb,var(--tunnelled)_7%,transparent)] shadow-[inset_2px_0_0_var(--tunnelled)]",
  ok: "bg-[color-mix(in_srgb,var(--ok)_8%,transparent)] shadow-[inset_2px_0_0_var(--ok)]",
  accent: "bg-[color-mix(in_srgb,var(--accent)_8%,transparent)] shadow-[inset_2px_0_0_var(--accent)]",
};
