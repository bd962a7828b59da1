/** Types of sizes.mjs, for the test of the sizes. */
export interface Size {
  readonly raw: number
  readonly brotli: number
}

export type Sizes = Record<
  'entry' | 'worker' | 'kernels' | 'decoders' | 'kernels.scalar' | 'decoders.scalar' | 'functions', Size>

export declare function measureSizes(): Promise<Sizes>

export declare function kernelBytes(sizes: Sizes, as: keyof Size): number
