import { bool, bytesField, hex, protocol, textField, uint, type FieldDef } from "../../fields.ts";

const ours = { ours: true } as const;

/** RFC 9113 6; PRIORITY_UPDATE of RFC 9218. */
export const frameTypes: ReadonlyMap<number, string> = new Map([
  [0, "DATA"],
  [1, "HEADERS"],
  [2, "PRIORITY"],
  [3, "RST_STREAM"],
  [4, "SETTINGS"],
  [5, "PUSH_PROMISE"],
  [6, "PING"],
  [7, "GOAWAY"],
  [8, "WINDOW_UPDATE"],
  [9, "CONTINUATION"],
  [10, "ALTSVC"],
  [12, "ORIGIN"],
  [16, "PRIORITY_UPDATE"],
]);

/** RFC 9113 7. */
export const errors: ReadonlyMap<number, string> = new Map(
  [
    ...["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR"],
    ...["REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
  ].map((name, code) => [code, name] as const),
);

export const frame = {
  stream: protocol("http2.stream", "Frame"),
  magic: textField("http2.magic", "Preface"),
  length: uint("http2.length", "Length"),
  type: uint("http2.type", "Type", { names: frameTypes }),
  flags: hex("http2.flags", "Flags", 8),
  reserved: hex("http2.r", "Reserved", 1),
  streamId: uint("http2.streamid", "Stream identifier"),
  padLength: hex("http2.padding", "Pad length", 8),
  padding: uint("http2.pad_length", "Padding"),
  exclusive: bool("http2.exclusive", "Exclusive"),
  dependency: uint("http2.stream_dependency", "Stream dependency"),
  weight: uint("http2.headers.weight", "Weight field"),
  realWeight: uint("http2.headers.weight_real", "Weight"),
  data: bytesField("http2.data.data", "Data"),
  dataPadding: bytesField("http2.data.padding", "Padding"),
  block: bytesField("http2.headers", "Header block"),
  blockPadding: bytesField("http2.headers.padding", "Padding"),
  resetError: uint("http2.rst_stream.error", "Error", { names: errors }),
  ping: bytesField("http2.ping", "Ping"),
  pong: bytesField("http2.pong", "Pong"),
  goawayReserved: hex("http2.goway.r", "Reserved", 1),
  lastStream: uint("http2.goaway.last_stream_id", "Last stream"),
  goawayError: uint("http2.goaway.error", "Error", { names: errors }),
  debugData: bytesField("http2.goaway.addata", "Debug data"),
  windowReserved: hex("http2.window_update.r", "Reserved", 1),
  increment: uint("http2.window_update.window_size_increment", "Window size increment"),
  promiseReserved: hex("http2.push_promise.r", "Reserved", 1),
  promised: uint("http2.push_promise.promised_stream_id", "Promised stream"),
  promiseBlock: bytesField("http2.push_promise.header", "Header block"),
  continuation: bytesField("http2.continuation.bytes", "Header block", ours),
  unknown: bytesField("http2.unknown", "Unknown"),
} satisfies Record<string, FieldDef>;

export const flag = {
  endStream: bool("http2.flags.end_stream", "End of stream"),
  endHeaders: bool("http2.flags.eh", "End of headers"),
  padded: bool("http2.flags.padded", "Padded"),
  priority: bool("http2.flags.priority", "Priority"),
  ackPing: bool("http2.flags.ack.ping", "Acknowledges"),
  ackSettings: bool("http2.flags.ack.settings", "Acknowledges"),
  unused: hex("http2.flags.unused", "Unused", 8),
  unusedSettings: hex("http2.flags.unused_settings", "Unused", 8),
  unusedPing: hex("http2.flags.unused_ping", "Unused", 8),
  unusedContinuation: hex("http2.flags.unused_continuation", "Unused", 8),
  unusedPromise: hex("http2.flags.unused_push_promise", "Unused", 8),
  unusedData: hex("http2.flags.unused_data", "Unused", 8),
  unusedHeaders: hex("http2.flags.unused_headers", "Unused", 8),
} satisfies Record<string, FieldDef>;

const setting = (name: string, label: string): FieldDef => uint(`http2.settings.${name}`, label);

/** RFC 9113 6.5.2, RFC 8441 3; by identifier. */
export const settingFields: ReadonlyMap<number, FieldDef> = new Map([
  [1, setting("header_table_size", "Header table size")],
  [2, setting("enable_push", "Enable push")],
  [3, setting("max_concurrent_streams", "Maximum concurrent streams")],
  [4, setting("initial_window_size", "Initial window size")],
  [5, setting("max_frame_size", "Maximum frame size")],
  [6, setting("max_header_list_size", "Maximum header list size")],
  [8, setting("extended_connect", "Extended CONNECT")],
]);

export const settings = {
  setting: protocol("http2.settings", "Setting"),
  id: uint("http2.settings.id", "Identifier", { names: new Map(Array.from(settingFields, ([id, { label }]) => [id, label])) }),
  unknown: uint("http2.settings.unknown", "Value"),
} satisfies Record<string, FieldDef>;

export const header = {
  total: uint("http2.header.length", "Headers length"),
  count: uint("http2.header.count", "Headers count"),
  header: protocol("http2.header", "Header"),
  nameLength: uint("http2.header.name.length", "Name length"),
  name: textField("http2.header.name", "Name"),
  valueLength: uint("http2.header.value.length", "Value length"),
  value: textField("http2.header.value", "Value"),
  representation: textField("http2.header.repr", "Representation"),
  index: uint("http2.header.index", "Index"),
  sizeUpdate: protocol("http2.header_table_size_update", "Header table size update"),
  size: uint("http2.header_table_size_update.header_table_size", "Header table size"),
  fullUri: textField("http2.request.full_uri", "Full URI"),
  // of a block with headers from an earlier packet's table: Wireshark, which has read that one, has more of them
  partHeader: protocol("http2.part", "Header", { also: ["http2.header"], ...ours }),
  partName: textField("http2.part.name", "Name", { also: ["http2.header.name"], ...ours }),
  partValue: textField("http2.part.value", "Value", { also: ["http2.header.value"], ...ours }),
  partIndex: uint("http2.part.index", "Index", { also: ["http2.header.index"], ...ours }),
} satisfies Record<string, FieldDef>;

/** Headers with a field of their own, by name: those whose value is a number, then those of text. */
export const headerFields: ReadonlyMap<string, FieldDef> = new Map([
  ...["status", "age", "content-length", "max-forwards"].map((name) => named(name, uint)),
  ...["authority", "path", "method", "scheme"].map((name) => named(name, textField)),
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "access-control-allow-origin", "allow"].map(text),
  ...["authorization", "cache-control", "content-disposition", "content-encoding", "content-language", "content-location"].map(text),
  ...["content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "from", "if-match", "if-modified-since"].map(text),
  ...["if-none-match", "if-range", "if-unmodified-since", "last-modified", "link", "location", "proxy-authenticate"].map(text),
  ...["proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie", "strict-transport-security"].map(text),
  ...["user-agent", "vary", "via", "www-authenticate"].map(text),
]);

function named(name: string, make: (name: string, label: string) => FieldDef): [string, FieldDef] {
  const pseudo = ["status", "authority", "path", "method", "scheme"].includes(name);
  const label = pseudo ? `:${name}` : name;
  return [label, make(`http2.headers.${name.replaceAll("-", "_")}`, label)];
}
function text(name: string): [string, FieldDef] {
  return named(name, textField);
}

export const http2Fields: readonly FieldDef[] = [
  ...[frame, flag, settings, header].flatMap((part) => Object.values<FieldDef>(part)),
  ...settingFields.values(),
  ...headerFields.values(),
];
