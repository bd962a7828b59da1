/** Types of chromium.mjs, for the test configuration and the demo's tests. */
export declare const CHROMIUM_FLAGS: readonly string[]
export declare function findChromium(): string | null
