import { z } from "zod";

export const viewScreens = ["fleet", "host", "packets", "flows", "filters", "captures"] as const;
/** POST /views: what a screen's address says behind its path, under a name. One of the same name is replaced. */
export const createViewRequestSchema = z.object({
  screen: z.enum(viewScreens),
  name: z.string().trim().min(1).max(80),
  query: z.string().max(8192),
});
export type CreateViewRequest = z.infer<typeof createViewRequestSchema>;
export const viewSchema = createViewRequestSchema.extend({ id: z.uuid(), createdBy: z.string(), createdAt: z.iso.datetime() });
export type View = z.infer<typeof viewSchema>;
/** GET /views. */
export const viewListSchema = z.object({ items: z.array(viewSchema) });
