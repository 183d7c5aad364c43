const inks = [
  ["text-ink", "ink"],
  ["text-muted", "muted"],
  ["text-accent", "accent"],
  ["text-ok", "ok"],
  ["text-dropped", "dropped"],
  ["text-monitored", "monitored"],
  ["text-retransmitted", "retransmitted"],
  ["text-tunnelled", "tunnelled"],
  ["text-tcp", "TCP"],
  ["text-udp", "UDP"],
  ["text-icmp", "ICMP"],
  ["text-arp", "ARP"],
  ["text-ip", "other IP"],
  ["text-other", "not IP"],
] as const;
const grounds = ["bg-ground", "bg-surface", "bg-hover", "bg-selected"] as const;
const sizes = ["text-xs", "text-sm", "text-base", "text-md", "text-lg", "text-xl"] as const;

export function Colours() {
  return (
    <>
      <div className="grid max-w-4xl grid-cols-4 overflow-hidden rounded border border-line">
        {grounds.map((ground) => (
          <div key={ground} className={`flex flex-col gap-1 p-4 ${ground}`}>
            <p className="text-xs text-muted">{ground.slice(3)}</p>
            {inks.map(([ink, name]) => (
              <p key={ink} className={ink}>
                {name} <span className="mono">10.0.0.1:443</span>
              </p>
            ))}
          </div>
        ))}
      </div>
      <div className="flex flex-col gap-1">
        {sizes.map((size) => (
          <p key={size} className={size}>
            {size} Packets of a fleet, <span className="mono">2001:db8::1.443 → 0O1lI</span>, 1 234 567
          </p>
        ))}
      </div>
      <p className="flex items-center gap-3">
        <span className="hatched inline-block h-6 w-40 border border-line" /> lost data
      </p>
    </>
  );
}
