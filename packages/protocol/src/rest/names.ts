import { z } from "zod";

const address = z.union([z.ipv4(), z.ipv6()]);

/** POST /names. The answer holds what is known now; with reverse DNS on, the rest is asked for and known a little later. */
export const namesRequestSchema = z.object({ addresses: z.array(address).min(1).max(500) });

/** What an address is, as far as the hub knows. */
export const addressNameSchema = z.object({
  /** As it was asked for. */
  address: z.string(),
  /** Enrolled hosts that have it on an interface, at most four; more than one where networks use the same addresses. */
  hosts: z.array(z.object({ id: z.uuid(), name: z.string(), interface: z.string() })),
  /** What IANA's registries say it is for, like "private" or "multicast: mDNS", and where that is defined; null for an ordinary one. */
  special: z.object({ name: z.string(), source: z.string() }).nullable(),
  /** What reverse DNS last said. */
  name: z.string().nullable(),
  /** ISO 3166 code, and number and name of the autonomous system, of the operator's own databases. */
  country: z.string().nullable(),
  asn: z.number().int().nullable(),
  asName: z.string().nullable(),
});
export type AddressName = z.infer<typeof addressNameSchema>;
/** In the order asked. `pending`: how many of them reverse DNS is being asked about now. */
export const namesSchema = z.object({ items: z.array(addressNameSchema), pending: z.number().int() });
export type Names = z.infer<typeof namesSchema>;

/** PUT /settings/names: what is not named stays. */
export const nameSettingsRequestSchema = z
  .object({
    /** Ask the hub's own resolver for names of addresses that are looked at. */
    reverseDns: z.boolean().optional(),
    /** Ask about private addresses too: their names are known inside alone, and asking elsewhere tells of them. */
    reverseDnsPrivate: z.boolean().optional(),
  })
  .strict();
export type NameSettingsRequest = z.infer<typeof nameSettingsRequestSchema>;

/** A database file of MaxMind's format that the operator put there. */
export const nameDatabaseSchema = z.object({
  file: z.string(),
  /** Null while it is in use; otherwise why it is not. */
  fault: z.string().nullable(),
  /** As its maker calls it, like GeoLite2-ASN, and when it was made; null while it cannot be read. */
  type: z.string().nullable(),
  builtAt: z.iso.datetime().nullable(),
});
export type NameDatabase = z.infer<typeof nameDatabaseSchema>;

/** GET /settings/names, and the answer of PUT. */
export const nameSettingsSchema = z.object({
  reverseDns: z.boolean(),
  reverseDnsPrivate: z.boolean(),
  /** Since the hub started: questions asked, without an answer, and never asked because too many waited. */
  lookups: z.object({ asked: z.number().int(), failed: z.number().int(), dropped: z.number().int() }),
  /** Folder in which *.mmdb files are found besides those that settings name. */
  folder: z.string(),
  databases: z.array(nameDatabaseSchema),
});
export type NameSettings = z.infer<typeof nameSettingsSchema>;
