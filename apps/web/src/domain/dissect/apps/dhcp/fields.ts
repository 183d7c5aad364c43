import { bool, bytesField, etherField, hex, ipv4Field, protocol, textField, uint, type FieldDef } from "../../fields.ts";
import { architectures, hardwareTypes, messageTypes, operations } from "./names.ts";

const ours = { ours: true } as const;

export const header = {
  type: uint("dhcp.type", "Message type", { names: operations }),
  hardwareType: hex("dhcp.hw.type", "Hardware type", 8, { names: hardwareTypes }),
  hardwareLength: uint("dhcp.hw.len", "Hardware address length"),
  hops: uint("dhcp.hops", "Hops"),
  id: hex("dhcp.id", "Transaction ID", 32),
  seconds: uint("dhcp.secs", "Seconds elapsed"),
  flags: hex("dhcp.flags", "Flags", 16),
  broadcast: bool("dhcp.flags.bc", "Broadcast"),
  reserved: hex("dhcp.flags.reserved", "Reserved", 16),
  client: ipv4Field("dhcp.ip.client", "Client IP address"),
  your: ipv4Field("dhcp.ip.your", "Your IP address"),
  server: ipv4Field("dhcp.ip.server", "Next server IP address"),
  relay: ipv4Field("dhcp.ip.relay", "Relay agent IP address"),
  mac: etherField("dhcp.hw.mac_addr", "Client MAC address"),
  hardwareAddress: bytesField("dhcp.hw.addr", "Client hardware address"),
  hardwarePadding: bytesField("dhcp.hw.addr_padding", "Client hardware address padding"),
  serverName: textField("dhcp.server", "Server host name"),
  file: textField("dhcp.file", "Boot file name"),
  bootp: bool("dhcp.bootp", "Is BOOTP"),
  cookie: ipv4Field("dhcp.cookie", "Magic cookie"),
  vendor: bytesField("dhcp.vendor", "BOOTP vendor area", ours),
} satisfies Record<string, FieldDef>;

export const option = {
  type: uint("dhcp.option.type", "Option"),
  length: uint("dhcp.option.length", "Length"),
  value: bytesField("dhcp.option.value", "Value"),
  padding: bytesField("dhcp.option.padding", "Padding"),
  end: uint("dhcp.option.end", "End"),
  overload: uint("dhcp.option.option_overload", "Option overload"),
  messageType: uint("dhcp.option.dhcp", "DHCP message type", { names: messageTypes }),
  requested: uint("dhcp.option.request_list_item", "Requested option"),
  vendorClass: textField("dhcp.option.vendor_class_id", "Vendor class identifier"),
  clientKind: uint("dhcp.client_id.type", "Type"),
  clientText: textField("dhcp.client_id.undef", "Client identifier"),
  iaid: textField("dhcp.client_id.iaid", "IAID"),
  duidType: uint("dhcp.client_id.duid_type", "DUID type"),
  duidRest: bytesField("dhcp.client_id.duid", "DUID", ours),
  uuid: bytesField("dhcp.client_id.bytes", "Client identifier", ours),
  policyAddress: ipv4Field("dhcp.option.policy_filter.ip", "IP address"),
  policyMask: ipv4Field("dhcp.option.policy_filter.subnet_mask", "Subnet mask"),
  routeAddress: ipv4Field("dhcp.option.static_route.ip", "Destination"),
  routeRouter: ipv4Field("dhcp.option.static_route.router", "Router"),
  classlessRoute: bytesField("dhcp.option.classless_static_route", "Prefix and router"),
  architecture: uint("dhcp.option.client_system_architecture", "Client system architecture", { names: architectures }),
  networkMajor: uint("dhcp.client_network_id_major", "Major version"),
  networkMinor: uint("dhcp.client_network_id_minor", "Minor version"),
  searchName: textField("dhcp.option.dhcp_dns_domain_search_list_fqdn", "Domain name"),
  captivePortal: textField("dhcp.option.captive_portal", "Captive portal"),
  userClass: uint("dhcp.option.user_class", "User class"),
  userClassLength: uint("dhcp.option.user_class.length", "User class length"),
  userClassData: bytesField("dhcp.option.user_class.data", "User class data"),
  userClassText: textField("dhcp.option.user_class.text", "User class text"),
} satisfies Record<string, FieldDef>;

/** RFC 4702 2. */
export const fqdn = {
  flags: hex("dhcp.fqdn.flags", "Flags", 8),
  reserved: hex("dhcp.fqdn.mbz", "Reserved", 8),
  noUpdate: bool("dhcp.fqdn.n", "Server makes no DNS updates"),
  encoded: bool("dhcp.fqdn.e", "Encoded as in DNS"),
  overridden: bool("dhcp.fqdn.o", "Server overrides"),
  server: bool("dhcp.fqdn.s", "Server updates A"),
  result1: uint("dhcp.fqdn.rcode1", "A result"),
  result2: uint("dhcp.fqdn.rcode2", "PTR result"),
  name: textField("dhcp.fqdn.name", "Client name"),
} satisfies Record<string, FieldDef>;

/** RFC 3046; what each sub-option holds, by its code. */
export const agent = {
  suboption: uint("dhcp.option.agent_information_option.suboption", "Sub-option"),
  length: uint("dhcp.option.agent_information_option.length", "Length", ours),
  value: bytesField("dhcp.option.agent_information_option.value", "Value"),
} satisfies Record<string, FieldDef>;

export const agentValues: ReadonlyMap<number, FieldDef> = new Map([
  [1, bytesField("dhcp.option.agent_information_option.agent_circuit_id", "Agent circuit ID")],
  [2, bytesField("dhcp.option.agent_information_option.agent_remote_id", "Agent remote ID")],
  [5, ipv4Field("dhcp.option.agent_information_option.link_selection", "Link selection")],
  [6, textField("dhcp.option.agent_information_option.subscriber_id", "Subscriber ID")],
  [7, bytesField("dhcp.option.agent_information_option.radius_attributes", "RADIUS attributes")],
  [8, bytesField("dhcp.option.agent_information_option.authentication", "Authentication")],
  [11, ipv4Field("dhcp.option.agent_information_option.server_id_override", "Server ID override")],
  [12, bytesField("dhcp.option.agent_information_option.relay_agent_id", "Relay agent ID")],
]);

/** Fields of the protocol itself; those of plain options are in table.ts. */
export const dhcpFields: readonly FieldDef[] = [
  ...[header, option, fqdn, agent].flatMap((part) => Object.values<FieldDef>(part)),
  ...agentValues.values(),
];

export const layerField = protocol("dhcp", "Dynamic Host Configuration Protocol");
