/** Numbers of 32 bits that a seed fixes: mulberry32. Takes 32 bits. */
export function mulberry32(seed: number): () => number;
