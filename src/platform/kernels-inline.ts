/**
 * Stands for the inline copy of a kernels file; the build puts the bytes here, as base64. Reached only when the file cannot be
 * loaded.
 */
import type { KernelPart } from '../base/platform-port.js'

export const kernelsBase64: Readonly<Record<KernelPart, string>> = { kernels: '', decoders: '', functions: '' }
