/** Gives the reader a file to keep. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has begun to read it by then; until it has, the address must hold.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
