/**
 * How workers come by tasks that lie before all of them: a counter in the shared heap says how many have been begun.
 * Invariant: a task is begun once, whoever dies: a number that was counted is not given out again.
 */
import type { KernelMemory } from '../kernel/memory.js'

/** Bytes of a counter: a cache line, so that nothing else lies in it. */
export const COUNTER_BYTES = 64

/** Sets the counter at an address to no task. To be called before workers know of it. */
export function resetCounter(heap: KernelMemory, address: number): void {
  heap.write(address, 0)
}

/** What nobody else has begun, a task at a time. */
export function* claimTasks<T>(tasks: readonly T[], heap: KernelMemory, counter: number): Generator<readonly [T]> {
  heap.ensure(counter + COUNTER_BYTES)
  for (;;) {
    const next = Atomics.add(heap.i32, counter >>> 2, 1)
    if (next >= tasks.length) return
    yield [tasks[next]!]
  }
}
