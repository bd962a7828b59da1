/** Types of sizes.mjs, for the test of the sizes. */
export interface Size {
  readonly raw: number
  readonly brotli: number
}

export declare function measureSizes(): Promise<Record<'entry' | 'worker' | 'kernels.simd' | 'kernels.scalar', Size>>
