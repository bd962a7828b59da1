/**
 * Fast paths: ways to do the same work in less time. Each can be switched off, for tests that compare results with and without it
 * and for finding out which one is at fault.
 * Invariant: a fast path never changes a result.
 */

/** Their names; each is described where it is used. */
export const FAST_PATHS = [
  'sharedHeap', 'fusedPrograms', 'templateJson', 'timeRanges', 'directGroups', 'fusedUpdates', 'jobOverlap', 'taskRing',
  'twoStacks', 'deferredMerges', 'tasksTogether', 'valueIndexes', 'readAndMerge', 'keptText',
] as const

export type FastPath = typeof FAST_PATHS[number]

/**
 * What is switched off; all that is not named is on. `fusedPrograms: true` does not wait until a program is hot; `jobOverlap:
 * true` lets jobs overlap where there are no workers, too.
 */
export type FastPaths = Partial<Readonly<Record<FastPath, boolean>>>

export function isOn(fastPaths: FastPaths | undefined, fastPath: FastPath): boolean {
  return fastPaths?.[fastPath] !== false
}
