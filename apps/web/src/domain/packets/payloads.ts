import { data } from "../dissect/data.ts";
import { payloadDissector, payloadReaders } from "../dissect/index.ts";
import { Analysis } from "../dissect/tcp/flags.ts";
import type { Dissector } from "../dissect/types.ts";
import { marksOf } from "./marks.ts";
import { ipEnd } from "./segments.ts";
import type { PacketTable } from "./table.ts";

type Transport = "tcp" | "udp";

const RST = 4;
const UDP_BYTES = 8;

/**
 * Which dissector reads what is behind the transport header of a row whose headers are sure: by its ports and first
 * bytes, without taking the packet apart. Null: none does.
 */
export function payloadOf(table: PacketTable, row: number, transport: Transport): Dissector | null {
  const { flags, analysis, capLen, sourcePort, destinationPort } = table.columns;
  const isTcp = transport === "tcp";
  // sent before, or before its turn, or the reason of a reset: no protocol is asked (transport/tcp.ts)
  if (isTcp && (((flags[row] ?? 0) & RST) !== 0 || ((analysis[row] ?? 0) & (Analysis.retransmission | Analysis.outOfOrder)) !== 0))
    return null;
  const { view, at, network, transport: begins } = table.headersOf(row);
  const from = begins + (isTcp ? (view.getUint8(at + begins + 12) >> 4) * 4 : UDP_BYTES);
  const end = Math.min(capLen[row] ?? 0, ipEnd(view, at, network));
  if (from >= end) return null;
  return payloadDissector(transport, { bytes: table.bytes(row), at: from, end }, [sourcePort[row] ?? 0, destinationPort[row] ?? 0]);
}

const marksKnown = new Map<Dissector, ReadonlySet<string>>();

/** Marks (marks.ts) of all fields that a dissector, and what it may leave to others, can make. */
export function marksOfPayload(dissector: Dissector): ReadonlySet<string> {
  const known = marksKnown.get(dissector);
  if (known !== undefined) return known;
  const fields = [dissector, data].flatMap(({ layer, fields: own }) => [layer, ...own]);
  const marks = new Set(fields.flatMap(marksOf));
  marksKnown.set(dissector, marks);
  return marks;
}

/** Whether a payload between two ports can have any of the marks; told by the ports alone, which is much sooner done than payloadOf. */
export function payloadsWith(marks: readonly string[]): (transport: Transport, source: number, destination: number) => boolean {
  const fits = (dissector: Dissector): boolean => marks.some((mark) => marksOfPayload(dissector).has(mark));
  const of = (transport: Transport) => {
    const { byPort, heuristics } = payloadReaders[transport];
    return {
      byPort: new Map([...byPort].map(([port, dissector]) => [port, fits(dissector)])),
      elsewhere: fits(data) || heuristics.some(({ dissector }) => fits(dissector)),
    };
  };
  const known = { tcp: of("tcp"), udp: of("udp") };
  return (transport, source, destination) => {
    const { byPort, elsewhere } = known[transport];
    const [low, high] = source < destination ? [source, destination] : [destination, source];
    return byPort.get(low) ?? byPort.get(high) ?? elsewhere;
  };
}
