/**
 * Variants of a run with fast paths switched off: each alone, then all. What comes out must be the same for all of them.
 */
import { FAST_PATHS, type FastPaths } from '../../src/plan/fast-path.js'

export function fastPathVariants(): { readonly name: string; readonly fastPaths: FastPaths }[] {
  return [
    ...FAST_PATHS.map(fastPath => ({ name: `without ${fastPath}`, fastPaths: { [fastPath]: false } })),
    { name: 'without any', fastPaths: Object.fromEntries(FAST_PATHS.map(fastPath => [fastPath, false])) },
  ]
}
