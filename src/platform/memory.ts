/**
 * The platform of tests: a clock that is moved by hand, storage in memory, no threads. Kernels come from their inline copy.
 */
import { MillraceError } from '../base/errors.js'
import type { PlatformPort } from '../base/platform-port.js'
import { inlineKernels } from './inline-copy.js'
import { kernelFiles } from './kernel-files.js'
import type { ManualClock } from './manual-clock.js'
import { MemoryStorage } from './memory-storage.js'

/** @param clock moves when the test moves it. */
export function memoryPlatform(clock: ManualClock): PlatformPort {
  return {
    name: 'memory',
    clock,
    cores: 2,
    canShareMemory: false,
    yieldToHost: () => Promise.resolve(),
    createStorage: () => new MemoryStorage(),
    kernelFiles: (part, kind, wasmUrl) => wasmUrl ? kernelFiles(part, kind, wasmUrl, fetchBytes)
      : [{ source: 'inline', load: () => inlineKernels(part, kind) }],
    workerFiles: () => [],
  }
}

async function fetchBytes(url: string | URL): Promise<BufferSource> {
  const response = await fetch(url)
  if (!response.ok) throw new MillraceError('UNSUPPORTED', `${String(url)} answered ${response.status}`)
  return response.arrayBuffer()
}
