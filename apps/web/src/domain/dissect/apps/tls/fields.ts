import { bytesField, hex, protocol, textField, timeField, uint, type FieldDef } from "../../fields.ts";
import { cipherSuites } from "./cipherSuites.ts";
import { alertLevels, alerts, contentTypes, extensionTypes, groups, handshakeTypes, signatureAlgorithms, versions } from "./names.ts";

const ours = { ours: true } as const;

export const record = {
  record: protocol("tls.record", "Record"),
  type: uint("tls.record.content_type", "Content type", { names: contentTypes }),
  opaque: uint("tls.record.opaque_type", "Opaque type", { names: contentTypes }),
  // Wireshark calls it by either name, depending on the version that the connection's start agreed on
  either: uint("tls.record.type", "Content type", {
    names: contentTypes,
    also: ["tls.record.content_type", "tls.record.opaque_type"],
    ...ours,
  }),
  version: hex("tls.record.version", "Version", 16, { names: versions }),
  length: uint("tls.record.length", "Length"),
  data: bytesField("tls.app_data", "Encrypted application data"),
  changeCipherSpec: protocol("tls.change_cipher_spec", "Change cipher spec"),
  alert: protocol("tls.alert_message", "Alert"),
  alertLevel: uint("tls.alert_message.level", "Level", { names: alertLevels }),
  alertDescription: uint("tls.alert_message.desc", "Description", { names: alerts }),
  begun: bytesField("tls.begun", "Record that goes on in later segments", ours),
  begunName: textField("tls.begun.server_name", "Server name", ours),
} satisfies Record<string, FieldDef>;

export const handshake = {
  handshake: protocol("tls.handshake", "Handshake"),
  type: uint("tls.handshake.type", "Handshake type", { names: handshakeTypes }),
  length: uint("tls.handshake.length", "Length"),
  version: hex("tls.handshake.version", "Version", 16, { names: versions }),
  random: bytesField("tls.handshake.random", "Random"),
  randomTime: timeField("tls.handshake.random_time", "Time"),
  randomBytes: bytesField("tls.handshake.random_bytes", "Random bytes"),
  sessionIdLength: uint("tls.handshake.session_id_length", "Session ID length"),
  sessionId: bytesField("tls.handshake.session_id", "Session ID"),
  suitesLength: uint("tls.handshake.cipher_suites_length", "Cipher suites length"),
  suites: protocol("tls.handshake.ciphersuites", "Cipher suites"),
  suite: hex("tls.handshake.ciphersuite", "Cipher suite", 16, { names: cipherSuites }),
  methodsLength: uint("tls.handshake.comp_methods_length", "Compression methods length"),
  methods: protocol("tls.handshake.comp_methods", "Compression methods"),
  method: uint("tls.handshake.comp_method", "Compression method", { names: new Map([[0, "null"]]) }),
  extensionsLength: uint("tls.handshake.extensions_length", "Extensions length"),
  certificatesLength: uint("tls.handshake.certificates_length", "Certificates length"),
  certificates: protocol("tls.handshake.certificates", "Certificates"),
  certificateLength: uint("tls.handshake.certificate_length", "Certificate length"),
  certificate: bytesField("tls.handshake.certificate", "Certificate"),
  lifetime: uint("tls.handshake.session_ticket_lifetime_hint", "Session ticket lifetime hint"),
  ticketLength: uint("tls.handshake.session_ticket_length", "Session ticket length"),
  ticket: bytesField("tls.handshake.session_ticket", "Session ticket"),
  curveType: hex("tls.handshake.server_curve_type", "Curve type", 8),
  namedCurve: hex("tls.handshake.server_named_curve", "Named curve", 16, { names: groups }),
  serverPointLength: uint("tls.handshake.server_point_len", "Public key length"),
  serverPoint: bytesField("tls.handshake.server_point", "Public key"),
  // behind certificates with timestamps, whose signatures Wireshark's field of it holds too
  signedWith: hex("tls.handshake.sig_alg", "Signature algorithm", 16, {
    names: signatureAlgorithms,
    also: ["tls.handshake.sig_hash_alg"],
    ...ours,
  }),
  signatureLength: uint("tls.handshake.sig_len", "Signature length"),
  signature: bytesField("tls.handshake.sig", "Signature"),
  certificateTypesCount: uint("tls.handshake.cert_types_count", "Certificate types count"),
  certificateTypes: protocol("tls.handshake.cert_types", "Certificate types"),
  certificateType: uint("tls.handshake.cert_type", "Certificate type"),
  namesLength: uint("tls.handshake.dnames_len", "Distinguished names length"),
  verifyLength: uint("tls.handshake.client_cert_vrfy.sig_len", "Signature length"),
  verify: bytesField("tls.handshake.client_cert_vrfy.sig", "Signature"),
  body: bytesField("tls.handshake.body", "Body", ours),
} satisfies Record<string, FieldDef>;

export const extension = {
  extension: protocol("tls.handshake.extension", "Extension", ours),
  type: uint("tls.handshake.extension.type", "Type", { names: extensionTypes }),
  length: uint("tls.handshake.extension.len", "Length"),
  data: bytesField("tls.handshake.extension.data", "Data"),
  untold: bytesField("tls.handshake.extension.bytes", "Data", ours),
  nameListLength: uint("tls.handshake.extensions_server_name_list_len", "Server name list length"),
  nameType: uint("tls.handshake.extensions_server_name_type", "Server name type"),
  nameLength: uint("tls.handshake.extensions_server_name_len", "Server name length"),
  name: textField("tls.handshake.extensions_server_name", "Server name"),
  maxFragment: uint("tls.handshake.max_fragment_length", "Maximum fragment length"),
  statusType: uint("tls.handshake.extensions_status_request_type", "Certificate status type"),
  respondersLength: uint("tls.handshake.extensions_status_request_responder_ids_len", "Responder ID list length"),
  requestExtensionsLength: uint("tls.handshake.extensions_status_request_exts_len", "Request extensions length"),
  groupsLength: uint("tls.handshake.extensions_supported_groups_length", "Supported groups length"),
  groups: protocol("tls.handshake.extensions_supported_groups", "Supported groups"),
  group: hex("tls.handshake.extensions_supported_group", "Supported group", 16, { names: groups }),
  formatsLength: uint("tls.handshake.extensions_ec_point_formats_length", "EC point formats length"),
  formats: protocol("tls.handshake.extensions_ec_point_formats", "EC point formats"),
  format: uint("tls.handshake.extensions_ec_point_format", "EC point format"),
  algorithmsLength: uint("tls.handshake.sig_hash_alg_len", "Signature algorithms length"),
  algorithms: protocol("tls.handshake.sig_hash_algs", "Signature algorithms"),
  algorithm: hex("tls.handshake.sig_hash_alg", "Signature algorithm", 16, { names: signatureAlgorithms }),
  hash: uint("tls.handshake.sig_hash_hash", "Hash"),
  signature: uint("tls.handshake.sig_hash_sig", "Signature"),
  alpnLength: uint("tls.handshake.extensions_alpn_len", "ALPN length"),
  alpnList: protocol("tls.handshake.extensions_alpn_list", "ALPN protocols"),
  alpnNameLength: uint("tls.handshake.extensions_alpn_str_len", "ALPN name length"),
  alpn: textField("tls.handshake.extensions_alpn_str", "ALPN"),
  padding: bytesField("tls.handshake.extensions_padding_data", "Padding"),
  compressionsLength: uint("tls.compress_certificate.algorithms_length", "Algorithms length"),
  compression: uint("tls.compress_certificate.algorithm", "Algorithm"),
  sizeLimit: uint("tls.record_size_limit", "Record size limit"),
  identitiesLength: uint("tls.handshake.extensions.psk.identities.length", "Identities length"),
  identityLength: uint("tls.handshake.extensions.psk.identity.identity_length", "Identity length"),
  identity: bytesField("tls.handshake.extensions.psk.identity.identity", "Identity"),
  ticketAge: uint("tls.handshake.extensions.psk.identity.obfuscated_ticket_age", "Obfuscated ticket age"),
  bindersLength: uint("tls.handshake.extensions.psk.binders_len", "Binders length"),
  binders: protocol("tls.handshake.extensions.psk.binders", "Binders"),
  selectedIdentity: uint("tls.handshake.extensions.psk.identity.selected", "Selected identity"),
  versionsLength: uint("tls.handshake.extensions.supported_versions_len", "Supported versions length"),
  version: hex("tls.handshake.extensions.supported_version", "Supported version", 16, { names: versions }),
  cookieLength: uint("tls.handshake.extensions.cookie_len", "Cookie length"),
  cookie: bytesField("tls.handshake.extensions.cookie", "Cookie"),
  modesLength: uint("tls.extension.psk_ke_modes_length", "PSK key exchange modes length"),
  mode: uint("tls.extension.psk_ke_mode", "PSK key exchange mode"),
  sharesLength: uint("tls.handshake.extensions_key_share_client_length", "Client key shares length"),
  shareGroup: uint("tls.handshake.extensions_key_share_group", "Group", { names: groups }),
  shareLength: uint("tls.handshake.extensions_key_share_key_exchange_length", "Key exchange length"),
  share: bytesField("tls.handshake.extensions_key_share_key_exchange", "Key exchange"),
  selectedGroup: uint("tls.handshake.extensions_key_share_selected_group", "Selected group", { names: groups }),
  renegotiationLength: uint("tls.handshake.extensions_reneg_info_len", "Renegotiation info length"),
  renegotiation: bytesField("tls.handshake.extensions_reneg_info", "Renegotiation info"),
} satisfies Record<string, FieldDef>;

/** What tells clients and servers of one kind from others (JA3 and JA3S of Salesforce). */
export const fingerprint = {
  ja3Full: textField("tls.handshake.ja3_full", "JA3 text"),
  ja3: textField("tls.handshake.ja3", "JA3"),
  ja3sFull: textField("tls.handshake.ja3s_full", "JA3S text"),
  ja3s: textField("tls.handshake.ja3s", "JA3S"),
} satisfies Record<string, FieldDef>;

/** Of QUIC, in an extension (RFC 9000 18). */
export const transport = {
  parameter: protocol("tls.quic.parameter", "Parameter", ours),
  type: hex("tls.quic.parameter.type", "Type", 16),
  length: uint("tls.quic.parameter.length", "Length"),
  value: bytesField("tls.quic.parameter.value", "Value"),
} satisfies Record<string, FieldDef>;

/** Every field of TLS. */
export const tlsFields: readonly FieldDef[] = [record, handshake, extension, fingerprint, transport].flatMap((part) =>
  Object.values<FieldDef>(part),
);
