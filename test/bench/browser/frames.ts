import type { Page } from "playwright-core";

/** As text: what the test runner's compiler adds to named functions does not exist in a page. */
const count = (ms: number): string => `new Promise((resolve) => {
  const began = performance.now();
  let frames = 0;
  requestAnimationFrame(function frame() {
    frames++;
    const elapsed = performance.now() - began;
    if (elapsed < ${ms}) requestAnimationFrame(frame);
    else resolve((frames * 1000) / elapsed);
  });
})`;

/** Frames a second that the page is given by requestAnimationFrame in so long. */
export function countFrames(page: Page, ms: number): Promise<number> {
  return page.evaluate<number>(count(ms));
}
