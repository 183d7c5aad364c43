import type { AddressName } from "../../api/names.ts";
import { endpointText } from "../../domain/address.ts";
import { visible } from "../../domain/text.ts";

/** What an address is called: the one enrolled host that has it, else its DNS name; null when neither is known. */
function nameOf(known: AddressName | undefined): string | null {
  const [host, ...others] = known?.hosts ?? [];
  return host !== undefined && others.length === 0 ? host.name : (known?.name ?? null);
}

/** All that is known of an address, in one line. */
export function knownText(known: AddressName | undefined): string {
  if (known === undefined) return "";
  const parts = [
    ...known.hosts.map((host) => `${host.name} (${host.interface})`),
    known.name,
    known.special === null ? null : `${known.special.name}, ${known.special.source}`,
    known.country,
    known.asn === null ? null : `AS${known.asn}${known.asName === null ? "" : ` ${known.asName}`}`,
  ];
  return parts
    .filter((part) => part !== null)
    .map(visible)
    .join(" · ");
}

/** An address, and its port where it has one; a name that is known of it takes its place, and it stands behind. */
export function Endpoint({ address, port, known }: { address: string; port: number | null; known: AddressName | undefined }) {
  const name = nameOf(known);
  const text = endpointText(address, port);
  const more = knownText(known);
  const title = more === "" ? text : `${text} · ${more}`;
  if (name === null)
    return (
      <span title={title} className="mono">
        {text}
      </span>
    );
  return (
    <span title={title}>
      <span className="font-medium">{visible(name)}</span>
      <span className="mono">{port === null ? "" : `:${port}`}</span> <span className="mono text-muted">{address}</span>
    </span>
  );
}
