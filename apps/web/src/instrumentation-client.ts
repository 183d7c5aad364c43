import { config } from "zod/v4/core";

/*
 * Runs before any part of a page. The Content-Security-Policy forbids what zod would compile its schemas with; trying it
 * is refused each time and stands among the browser's issues.
 */
config({ jitless: true });
